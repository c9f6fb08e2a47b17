// Package token seals a session's claims into a nested JWT and opens it again. It knows bytes and claims, not HTTP.
//
// # Form
//
// A token is a JWS inside a JWE (RFC 7519, section 5.2 and appendix A.2: sign, then encrypt), both in compact form, in one
// profile that docs/format.md specifies to the byte:
//
//	JWE  {"alg":"dir","enc":"A256GCM","kid":"…","cty":"JWT"}
//	└─ JWS  {"alg":"HS256","kid":"…","typ":"session+jwt"}
//	   └─ claims  {"iss":…,"aud":…,"sub":…,"sid":…,"jti":…,"iat":…,"exp":…,"auth_time":…,"sealjar":{…}}
//
// Any JOSE library that holds the keys can open and make such tokens.
//
// # Threats
//
// [Codec.Open] is strict first and cryptographic second. Nothing in a token chooses how it is checked (RFC 8725,
// section 3.1): its header is never parsed but must be, byte for byte, one that a key of the ring writes. Each token has
// one accepted spelling. Claims come back only with a verdict, after decryption, signature, strict decoding
// and the check of each claim; there is no half step, and expiry is told only of tokens that are otherwise good.
//
// Errors are sentinels. They hold no byte of a token and may be logged; do not tell a client which one it was.
//
// # Limits
//
// A token has at most [DefaultMaxLength] characters unless the [Config] says otherwise; longer input is refused before
// it is read. Clocks may differ by [Leeway].
package token
