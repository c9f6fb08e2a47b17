// Answers requests, one in a line of JSON, until its input ends: see node_test.go.

import { createInterface } from 'node:readline'
import * as example from './example.mjs'
import { data, keyRing, open, Refusal } from './token.mjs'

const stamp = (ms) => new Date(Number(ms)).toISOString()

const operations = {
  // What docs/format.md has as claims of its test vectors, and the data if the token is to be a session.
  strict({ token, keys, now, issuer, audience, session }) {
    try {
      const c = open(token, { ring: keyRing(keys), now, issuer, audience })
      const { kid, sub, sid, jti } = c
      const claims = { kid, sub, sid, jti, iat: stamp(c.iat), exp: stamp(c.exp), auth_time: stamp(c.auth_time), state: c.sealjar }
      return { claims, data: session ? data(c) : undefined }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { refusal: error.word }
    }
  },

  async open({ token, keys, now, issuer, audience }) {
    return { claims: await example.open(token, keys, { now, issuer: issuer || undefined, audience }) }
  },

  async mint({ claims, keys, kid }) {
    return { token: await example.mint(claims, keys, kid) }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    const request = JSON.parse(line)
    answer = await operations[request.do](request)
  } catch (error) {
    answer = { error: String(error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
