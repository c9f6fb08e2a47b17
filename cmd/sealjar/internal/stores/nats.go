package stores

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/sealjar/sealjar/revocation/natsstore"
)

// openNATS opens nats://USER:PASSWORD@HOST:PORT/STREAM; a token stands in the place of the user, without a password. The
// stream may be left out. Parameters:
//
//	addr=HOST:PORT   a further server, once for each
//	replicas=N       how many servers keep the stream: 1, 3 or 5; 3 if it is missing
//	creds=FILE       the user's credentials (JWT and NKey)
//	ca=FILE          who has signed the servers' certificates; without it they offer TLS, or not
func openNATS(ctx context.Context, address string, o Options) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, errNATS
	}
	parameters, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errNATS
	}
	options, err := natsOptions(u.User, parameters)
	if err != nil {
		return nil, err
	}
	settings := natsstore.Options{Stream: o.Name, CreateStream: o.Create, InsecureMemory: o.InsecureDurability, Now: o.Now}
	if settings.Stream == "" {
		settings.Stream = strings.TrimPrefix(u.Path, "/")
	}
	if n := parameters.Get("replicas"); n != "" {
		if settings.Replicas, err = strconv.Atoi(n); err != nil || settings.Replicas < 1 {
			return nil, fmt.Errorf("%w: replicas is 1, 3 or 5", errNATS)
		}
	}
	var servers []string
	for _, host := range append([]string{u.Host}, parameters["addr"]...) {
		servers = append(servers, "nats://"+host)
	}
	conn, err := nats.Connect(strings.Join(servers, ","), options...)
	if err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	store, err := openStream(ctx, conn, settings)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Store{store, func() error {
		defer conn.Close()
		return store.Close()
	}}, nil
}

var errNATS = fmt.Errorf("%w: not a URL of NATS", ErrURL)

func natsOptions(user *url.Userinfo, parameters url.Values) ([]nats.Option, error) {
	for name := range parameters {
		if !slices.Contains([]string{"addr", "replicas", "creds", "ca"}, name) {
			return nil, fmt.Errorf("%w: its parameters are addr, replicas, creds and ca", errNATS)
		}
	}
	options := []nats.Option{nats.Name("sealjar")}
	password, isUser := user.Password()
	switch {
	case isUser:
		options = append(options, nats.UserInfo(user.Username(), password))
	case user.Username() != "":
		options = append(options, nats.Token(user.Username()))
	}
	if file := parameters.Get("creds"); file != "" {
		options = append(options, nats.UserCredentials(file))
	}
	if file := parameters.Get("ca"); file != "" {
		options = append(options, nats.RootCAs(file))
	}
	return options, nil
}

func openStream(ctx context.Context, conn *nats.Conn, o natsstore.Options) (*natsstore.Store, error) {
	js, err := jetstream.New(conn)
	if err != nil {
		return nil, fmt.Errorf("NATS: %w", err)
	}
	store, err := natsstore.Open(ctx, js, o)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("%w (`sealjar revocations init` makes it)", err)
	}
	return store, err
}
