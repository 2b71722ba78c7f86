// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemClock } from '../../base/clock.ts'
import { holdLimits } from '../../base/limits/hold-limits.ts'
import type { WaitingRecipient } from '../../spool/message.ts'
import { CredentialMail, type CredentialMailContext, type MailOf } from './credential-mail.ts'

const whose: MailOf = { credential: 'A1', tenant: 'shop' }

/** Over an index that is walked to its end when `open` is called, or fails. */
function rig(fails = false) {
  const gate = Promise.withResolvers<void>()
  let walks = 0
  const look = async function* (): AsyncIterable<readonly WaitingRecipient[]> {
    walks++
    yield []
    await gate.promise
    if (fails) throw new Error('the disk fails')
  }
  const context = {
    node: 'mx1',
    clock: new SystemClock(),
    spool: { look },
    events: { append: async () => undefined },
    dispatcher: { sites: { atWork: [] }, waits: () => undefined },
  } as unknown as CredentialMailContext
  const mail = new CredentialMail(context)
  return { mail, open: () => gate.resolve(), walks: () => walks }
}

test('A tenant that asks while the index is walked for a list of its mail is told to ask again', async () => {
  const { mail, open, walks } = rig()
  const first = mail.queues(whose, 10)
  const another: MailOf = { credential: 'B2', tenant: 'shop' }
  for (let asked = 0; asked < 3; asked++)
    await assert.rejects(mail.queues(another, 10), {
      code: 'RLY_BUSY',
      message: /takes some seconds: ask again then/,
    })
  assert.equal(walks(), 1)
  open()
  assert.deepEqual(await first, { queues: [], isWhole: true })
  assert.deepEqual(await mail.queues(another, 10), { queues: [], isWhole: true })
})

for (const walk of ['queues', 'cancel'] as const)
  test(`A tenant keeps no other from its ${walk}, up to what a process walks for at once`, async () => {
    const { mail, open, walks } = rig()
    const ask = (tenant: string | null) =>
      walk === 'queues'
        ? mail.queues({ credential: 'A1', tenant }, 10)
        : mail.cancel({ credential: 'A1', tenant }, 'root')
    const others = Array.from({ length: holdLimits.walks - 1 }, (_, at) => `t${at}`)
    const asked = [null, ...others].map(ask)
    for (const tenant of [null, 't0', 'late'])
      await assert.rejects(ask(tenant), { code: 'RLY_BUSY' })
    assert.equal(walks(), holdLimits.walks)
    open()
    await Promise.all(asked)
    await ask('late')
  })

test('Lists keep nobody from taking mail back, and one who takes back keeps the next from it', async () => {
  const { mail, open } = rig()
  const list = mail.queues(whose, 10)
  const taken = mail.cancel(whose, 'root')
  await assert.rejects(mail.cancel(whose, 'root'), { code: 'RLY_BUSY' })
  open()
  assert.equal(await taken, 0)
  await list
})

test('A walk that fails makes room for the next', async () => {
  const { mail, open } = rig(true)
  open()
  await assert.rejects(mail.queues(whose, 10), /the disk fails/)
  await assert.rejects(mail.queues(whose, 10), /the disk fails/)
})
