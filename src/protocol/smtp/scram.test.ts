// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { beginScram, endScram, readScramFirst, scramKeysOf } from './scram.ts'

/** RFC 7677 §3. */
const FIRST = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO'
const SERVER_NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const FINAL =
  'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
const keys = scramKeysOf('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))

function exchangeOf(text: string) {
  const first = readScramFirst(text)
  assert.ok(first)
  return beginScram(first, keys, SERVER_NONCE)
}

test('the exchange of RFC 7677 goes as it stands there', () => {
  const exchange = exchangeOf(FIRST)
  assert.equal(
    exchange.serverFirst,
    'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
  )
  assert.deepEqual(endScram(exchange, FINAL), {
    isProven: true,
    serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  })
})

test('another secret, or another user, proves nothing', () => {
  const other = { ...exchangeOf(FIRST), keys: scramKeysOf('pencils', keys.salt) }
  assert.equal(endScram(other, FINAL)?.isProven, false)
  assert.equal(endScram(exchangeOf(FIRST.replace('user', 'usen')), FINAL)?.isProven, false)
})

test('a proof of another exchange, or bound to another channel, is no proof', () => {
  assert.equal(endScram(exchangeOf(FIRST.replace('rOpr', 'rOps')), FINAL), null)
  assert.equal(endScram(exchangeOf(FIRST.replace('n,,', 'y,,')), FINAL), null)
  assert.equal(endScram(exchangeOf(FIRST), FINAL.replace('biws', 'eSws')), null)
  assert.equal(endScram(exchangeOf(FIRST), FINAL.slice(0, -4)), null)
})

const firsts: readonly (readonly [string, string | null])[] = [
  ['n,,n=user,r=abc', 'user'],
  ['y,,n=user,r=abc', 'user'],
  ['n,a=user,n=user,r=abc', 'user'],
  ['n,,n=a=2Cb=3Dc,r=abc,ext=1', 'a,b=c'],
  ['n,a=other,n=user,r=abc', null],
  ['p=tls-exporter,,n=user,r=abc', null],
  ['n,,m=1,n=user,r=abc', null],
  ['n,,n=a=2cb,r=abc', null],
  ['n,,n=,r=abc', null],
  ['n,,n=user,r=', null],
  ['n,,n=user,r=a b', null],
  ['', null],
]

for (const [text, expected] of firsts)
  test(`the user of "${text}" is ${expected ?? 'nobody'}`, () => {
    assert.equal(readScramFirst(text)?.userName ?? null, expected)
  })

test('whatever the secret, who knows it proves it, and nothing makes the reader throw', () => {
  const exchange = exchangeOf(FIRST)
  fc.assert(
    fc.property(fc.string(), (text) => {
      readScramFirst(text)
      assert.notEqual(endScram(exchange, text)?.isProven, true)
    }),
  )
})
