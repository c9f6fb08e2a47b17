// node read.mjs KEYS TIME < COOKIE prints who is signed in and the application's data. KEYS is what sealjar keys export --jwks has
// written, and COOKIE a Set-Cookie line of an application without an issuer.

import { readFileSync } from 'node:fs'
import { data, keyRing, open } from './token.mjs'

const [, , keys, time] = process.argv
const [, name, token] = /^(?:Set-Cookie: )?([^=]+)=([^;\s]+)/.exec(readFileSync(0, 'utf8'))
const ring = keyRing(JSON.parse(readFileSync(keys, 'utf8')))
const claims = open(token, { ring, now: Date.parse(time), issuer: '', audience: `session/${name}` })
console.log(claims.sub, JSON.stringify(data(claims)))
