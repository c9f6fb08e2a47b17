import { base64url, compactDecrypt, CompactEncrypt, CompactSign, compactVerify, importJWK } from 'jose'

const outer = ({ kid }) => ({ alg: 'dir', enc: 'A256GCM', kid, cty: 'JWT' }) // the order of the members counts
const inner = ({ kid, alg }) => ({ alg, kid, typ: 'session+jwt' })
const exact = (text) => text.split('.').every((part) => base64url.encode(base64url.decode(part)) === part)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const must = (ok) => { if (!ok) throw new Error('no session') }
const isID = (value) => typeof value === 'string' && /^[\w-]{1,64}$/.test(value)
const isTime = (value) => typeof value === 'number' && value >= 0.001 && value < 253402300800

export async function open(token, jwks, { issuer, audience, now = Date.now() }) {
  const enc = jwks.keys.find((k) => k.use === 'enc' && token.startsWith(base64url.encode(JSON.stringify(outer(k))) + '..'))
  must(token.length <= 8192 && enc && !(enc.exp * 1000 <= now) && exact(token))
  const jws = utf8.decode((await compactDecrypt(token, await importJWK(enc))).plaintext)
  const { d, ...sig } = jwks.keys.find((k) => k.use === 'sig' && k.kid === enc.kid) // d signs, the rest verifies
  must(jws.startsWith(base64url.encode(JSON.stringify(inner(sig))) + '.') && exact(jws))
  const claims = JSON.parse(utf8.decode((await compactVerify(jws, await importJWK(sig))).payload))
  const { iss, aud, sub, sid, jti, iat, exp, auth_time, sealjar, ...unknown } = claims
  must(iss === issuer && aud === audience && Object.keys(unknown).length === 0) // undefined if there is no issuer
  must(isID(sid) && isID(jti) && (sub === undefined || (typeof sub === 'string' && sub !== '' && Buffer.byteLength(sub) <= 255)))
  must([iat, exp, auth_time].every(isTime) && exp > iat && JSON.stringify(sealjar)?.[0] === '{' && !('p' in sealjar))
  must(iat * 1000 <= now + 30_000 && auth_time * 1000 <= now + 90_000 && now < exp * 1000 + 30_000)
  return claims // sub is who is signed in, sealjar.d the application's data; with a p it would be in a store
}

export async function mint(claims, jwks, kid) {
  const [sig, enc] = ['sig', 'enc'].map((use) => jwks.keys.find((k) => k.use === use && k.kid === kid))
  const jws = new CompactSign(Buffer.from(JSON.stringify(claims))).setProtectedHeader(inner(sig)).sign(await importJWK(sig))
  return new CompactEncrypt(Buffer.from(await jws)).setProtectedHeader(outer(enc)).encrypt(await importJWK(enc))
}
