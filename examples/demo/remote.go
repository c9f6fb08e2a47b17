package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sealjar/sealjar/revocation"
)

// remoteStore is the store of the first process, seen from the second.
type remoteStore struct {
	url, secret string
	client      *http.Client
	applied     func([]revocation.Entry) // after a list has taken them in
}

// Add checks the entries itself: on the way JSON would make UTF-8 of what is none.
func (s *remoteStore) Add(ctx context.Context, entries ...revocation.Entry) error {
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return err
		}
	}
	_, err := s.ask(ctx, "store/add", storeRequest{Entries: entries})
	return err
}

func (s *remoteStore) Lookup(ctx context.Context, names []revocation.Name) ([]revocation.Entry, error) {
	answer, err := s.ask(ctx, "store/lookup", storeRequest{Names: names})
	return answer.Entries, err
}

func (s *remoteStore) Read(ctx context.Context, after revocation.Cursor, apply func([]revocation.Entry) error) (revocation.Cursor, error) {
	answer, err := s.ask(ctx, "store/read", storeRequest{Cursor: after})
	if err != nil {
		return "", err
	}
	for batch := range slices.Chunk(answer.Entries, revocation.MaxBatch) {
		if err := apply(batch); err != nil {
			return "", err
		}
		s.applied(batch)
	}
	return answer.Cursor, nil
}

func (s *remoteStore) Wait(ctx context.Context, after revocation.Cursor) error {
	_, err := s.ask(ctx, "store/wait", storeRequest{Cursor: after})
	return err
}

func (s *remoteStore) ask(ctx context.Context, path string, question storeRequest) (answer storeAnswer, err error) {
	err = post(ctx, s.client, s.url+path, s.secret, question, &answer)
	return answer, err
}

// post sends a message backstage, and reads the answer if there is to be one.
func post(ctx context.Context, client *http.Client, url, secret string, message, answer any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusGone:
		return revocation.ErrCursor
	case response.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%s answers %s", path(url), response.Status)
	case answer == nil:
		return nil
	}
	return json.NewDecoder(http.MaxBytesReader(nil, response.Body, maxMessage)).Decode(answer)
}

func path(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }
