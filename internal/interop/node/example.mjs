import { base64url, compactDecrypt, CompactEncrypt, CompactSign, compactVerify, importJWK } from 'jose'

const segment = (header) => base64url.encode(JSON.stringify(header)) // its members in the order in which they stand here
const outer = (kid) => ({ alg: 'dir', enc: 'A256GCM', kid, cty: 'JWT' })
const inner = (kid, alg) => ({ alg, kid, typ: 'session+jwt' })
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const must = (ok) => { if (!ok) throw new Error('no session') }
const exact = (text) => must(base64url.encode(base64url.decode(text)) === text)
const isID = (value) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
const isTime = (value) => typeof value === 'number' && value >= 0.001 && value < 253402300800

export async function open(token, jwks, { issuer, audience, now = Date.now() }) {
  const enc = jwks.keys.find((k) => k.use === 'enc' && token.startsWith(segment(outer(k.kid)) + '..'))
  must(token.length <= 8192 && enc && !(enc.exp * 1000 <= now))
  token.split('.').slice(2).forEach(exact)
  const jws = utf8.decode((await compactDecrypt(token, await importJWK(enc, 'dir'))).plaintext)
  const { d, ...sig } = jwks.keys.find((k) => k.use === 'sig' && k.kid === enc.kid) // d signs, the rest verifies
  must(jws.startsWith(segment(inner(sig.kid, sig.alg)) + '.'))
  jws.split('.').forEach(exact)
  const claims = JSON.parse(utf8.decode((await compactVerify(jws, await importJWK(sig, sig.alg))).payload))
  const { iss, aud, sub, sid, jti, iat, exp, auth_time, sealjar, ...unknown } = claims
  must(iss === issuer && aud === audience && Object.keys(unknown).length === 0) // undefined if there is no issuer
  must(isID(sid) && isID(jti) && (sub === undefined || (typeof sub === 'string' && sub !== '' && Buffer.byteLength(sub) <= 255)))
  must([iat, exp, auth_time].every(isTime) && exp > iat && typeof sealjar === 'object' && !Array.isArray(sealjar ?? []))
  must(iat * 1000 <= now + 30_000 && auth_time * 1000 <= now + 90_000 && now < exp * 1000 + 30_000)
  return claims // sub is who is signed in, sealjar.d the application's data
}

export async function mint(claims, jwks, kid) {
  const [sig, enc] = ['sig', 'enc'].map((use) => jwks.keys.find((k) => k.use === use && k.kid === kid))
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader(inner(kid, sig.alg)).sign(await importJWK(sig, sig.alg))
  return new CompactEncrypt(new TextEncoder().encode(jws)).setProtectedHeader(outer(kid)).encrypt(await importJWK(enc, 'dir'))
}
