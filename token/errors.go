package token

import "errors"

// What [Codec.Open] and [Codec.Seal] answer, for errors.Is.
var (
	// ErrTooLong says that the token has more characters than the codec's limit.
	ErrTooLong = errors.New("token: too long")
	// ErrMalformed says that the text is not a token of this form, outside or inside, or not in its one spelling.
	ErrMalformed = errors.New("token: malformed")
	// ErrUnknownKey says that the header is not one that a key of the ring writes: another key, or another profile.
	ErrUnknownKey = errors.New("token: unknown key")
	// ErrKeyExpired says that the token's key opens no more.
	ErrKeyExpired = errors.New("token: key has expired")
	// ErrDecryption says that the token was not made with the key that its header names, or was changed since.
	ErrDecryption = errors.New("token: decryption failed")
	// ErrSignature says that the inner signature does not match.
	ErrSignature = errors.New("token: signature does not match")
	// ErrClaims says that a claim is missing, unknown, repeated, or not of its type or range.
	ErrClaims = errors.New("token: bad claims")
	// ErrIssuer says that the token is from another issuer.
	ErrIssuer = errors.New("token: wrong issuer")
	// ErrAudience says that the token was made for another purpose, for example for another cookie.
	ErrAudience = errors.New("token: wrong audience")
	// ErrNotYet says that the token was issued, or its session begun, later than now by more than [Leeway].
	ErrNotYet = errors.New("token: issued in the future")
	// ErrExpired says that everything about the token is right but its time is over.
	ErrExpired = errors.New("token: expired")
	// ErrNoSealingKey says that no key of the ring can seal now.
	ErrNoSealingKey = errors.New("token: no key can seal now")
)
