// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RelayError } from '../../base/errors.ts'
import { SystemRandom } from '../../base/random.ts'
import { HashLine } from './hash-line.ts'
import { checkNewPassword, hashPassword, isOutdated, isPasswordOf } from './password.ts'

const random = new SystemRandom()
const password = 'correct horse battery staple'

/** By the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 -e` (its test vectors). */
const reference =
  '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'

describe('A password', () => {
  it('is known by its hash, and no other is', async () => {
    const hash = await hashPassword(password, random)
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    assert.equal(await isPasswordOf(password, hash), true)
    assert.equal(await isPasswordOf(`${password} `, hash), false)
    assert.equal(await isPasswordOf('', hash), false)
    assert.notEqual(await hashPassword(password, random), hash, 'each has its own salt')
  })

  it('is known by a hash that another program made', async () => {
    assert.equal(await isPasswordOf('password', reference), true)
    assert.equal(await isPasswordOf('Password', reference), false)
  })

  it('is nobody’s where there is no hash, one that cannot be read, or one that asks for too much', async () => {
    for (const none of [null, '', '$argon2i$v=19$m=1,t=1,p=1$c29tZXNhbHQ$aGFzaA', '$2b$10$abc'])
      assert.equal(await isPasswordOf('', none), false)
    assert.equal(await isPasswordOf('password', reference.replace('65536', '9999999')), false)
  })

  it('is the same however its letters were composed', async () => {
    const hash = await hashPassword('Zoë’s café au lait', random)
    assert.equal(await isPasswordOf('Zoë’s café au lait'.normalize('NFD'), hash), true)
  })

  it('is hashed anew where its hash is weaker than what is made now', async () => {
    assert.equal(isOutdated(await hashPassword(password, random)), false)
    assert.equal(isOutdated(reference), false)
    assert.equal(isOutdated(reference.replace('m=65536', 'm=4096')), true)
    assert.equal(isOutdated(reference.replace('t=2', 't=1')), true)
  })

  for (const [what, bad] of [
    ['is short', 'short'],
    ['is endless', 'ab cd ef '.repeat(100)],
    ['repeats itself', 'abababababababab'],
    ['is the address', 'Ann.Longname@example.com'],
    ['is the part of the address before the @', 'ann.longname'],
  ] as const)
    it(`cannot be one that ${what}`, () => {
      assert.throws(
        () => checkNewPassword(bad, 'ann.longname@example.com'),
        (thrown) => thrown instanceof RelayError && thrown.code === 'RLY_RECORD_INVALID',
      )
    })

  it('may be any sentence', () => {
    for (const good of [password, 'über-lange Wörter 日本語', '1234 5678 9012'])
      checkNewPassword(good, 'ann@example.com')
  })
})

describe('The line before the hashing', () => {
  it('lets one in at a time, in the order in which they came', async () => {
    const line = new HashLine()
    const said: string[] = []
    let inside = 0
    const work = (name: string) => async () => {
      assert.equal(++inside, 1)
      await Promise.resolve()
      said.push(name)
      inside--
      if (name === 'b') throw new Error('a hash that fails')
    }
    const all = ['a', 'b', 'c'].map((name) => line.run(name, work(name)))
    const settled = await Promise.allSettled(all)
    assert.deepEqual(said, ['a', 'b', 'c'])
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
  })

  it('sends away who is in it often already, and everybody where it is full', async () => {
    const line = new HashLine()
    const { promise, resolve } = Promise.withResolvers<void>()
    const wait = () => promise
    const isBusy = (thrown: unknown) => thrown instanceof RelayError && thrown.code === 'RLY_BUSY'
    const waiting = Array.from({ length: 4 }, () => line.run('one', wait))
    await assert.rejects(line.run('one', wait), isBusy)
    for (let at = 4; at < 64; at++) waiting.push(line.run(`network ${at}`, wait))
    await assert.rejects(line.run('another', wait), isBusy)
    resolve()
    await Promise.all(waiting)
    await line.run('one', wait)
  })
})
