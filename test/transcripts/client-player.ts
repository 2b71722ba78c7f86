// SPDX-License-Identifier: Apache-2.0
/**
 * Plays the server of a transcript against our client: sends what `S:` says, and wants to read what `C:` says octet for octet. What
 * it knows beside the format of `transcript.ts`:
 *
 *     - in one piece            what the server says at once is not split
 *     - from: path              default from@example.org; empty for the null reverse-path
 *     - to: path, path          default a@example.net
 *     - content: text           default "Subject: a\r\n\r\nHello\r\n"
 *     - needs: 8BITMIME, SMTPUTF8, REQUIRETLS
 *     - asks for: RET=HDRS ENVID=id NOTIFY=SUCCESS,FAILURE ORCPT=type;address MT-PRIORITY=number
 *     - tls: policy             default opportunistic
 *     - messages: number        one after the other, default 1
 *     - quits                   says goodbye at the end
 *     - streamed                the content comes from the disk, in pieces
 *     - large                   the content has 8 MiB
 *     - unreadable              the disk fails after half of it
 *     - limit NAME: NUMBER      of `base/limits.ts`
 *     S: (greets, offers A, B)  220, waits for EHLO, answers it
 *     C: (content)              the default content by DATA
 *     C: (chunk)                the same by BDAT
 *     S: (TLS)                  the handshake
 *     S: (closes), (resets)     the connection
 *     S: (stops reading)
 *     C: (is gone)              our client has closed the connection
 *     (5m pass)                 on the client's clock
 *     = path: outcome           for each recipient; then whether the session goes on
 */

import assert from 'node:assert/strict'
import { ms } from '../../src/base/brand.ts'
import { clientLimits } from '../../src/base/limits/limits.ts'
import { parseDuration } from '../../src/base/quantity.ts'
import { transactionOutcomes } from '../../src/delivery/outcome/outcome-of-reply.ts'
import type { NotifyOn } from '../../src/protocol/envelope.ts'
import { formatReply } from '../../src/protocol/reply.ts'
import type { Dial } from '../../src/smtp/client-connection.ts'
import { connectSession } from '../../src/smtp/client-dial.ts'
import type { ClientTransaction } from '../../src/smtp/client-session.ts'
import { MemoryContent } from '../../src/spool/content.ts'
import { inTime } from '../support/in-time.ts'
import { dialTo, octetsArrive, standStill, type TestTime } from '../support/receiver-client.ts'
import { type ScriptedPeer, ScriptedReceiver } from '../support/scripted-receiver.ts'
import { sinkCertificate } from '../support/sink-certificate.ts'
import { checkSettings, type Dialog, matches, type Split } from './transcript.ts'

const SETTINGS = [
  'in one piece',
  'from',
  'to',
  'content',
  'needs',
  'asks for',
  'tls',
  'messages',
  'quits',
  'streamed',
  'large',
  'unreadable',
]
const CONTENT = 'Subject: a\r\n\r\nHello\r\n'
/** More than the system takes of a connection that nobody reads. */
const LARGE = 8 * 1_024 * 1_024

export async function playClient(dialog: Dialog, split: Split): Promise<void> {
  checkSettings(dialog, SETTINGS)
  const time = standStill()
  const script = Promise.withResolvers<void>()
  const outcomes: string[] = []
  let session: Promise<void> = Promise.resolve()
  await using receiver = await ScriptedReceiver.start((peer) =>
    play(peer, dialog, split, time).then(script.resolve, script.reject),
  )
  session = deliver(dialog, receiver.port, time, outcomes)
  const heard = () => JSON.stringify(receiver.peers[0]?.received)
  const told = () =>
    `${dialog.file}: nothing more comes; heard ${heard()}; told ${outcomes.join('; ')}`
  await inTime(script.promise, told)
  await inTime(session, told)
  const isAsTold = outcomes.every((outcome, at) => matches(outcome, dialog.outcomes[at] ?? ''))
  if (!isAsTold || outcomes.length !== dialog.outcomes.length)
    assert.fail(
      `${dialog.file}: told\n  ${outcomes.join('\n  ')}\nand not\n  ${dialog.outcomes.join('\n  ')}`,
    )
}

async function deliver(
  dialog: Dialog,
  port: number,
  time: TestTime,
  outcomes: string[],
): Promise<void> {
  const { settings } = dialog
  const limits = [...settings]
    .filter(([name]) => name.startsWith('limit '))
    .map(([name, value]): [string, number] => [name.slice('limit '.length), Number(value)])
  const result = await connectSession(
    dialTo(port, time, {
      tls: (settings.get('tls') ?? 'opportunistic') as Dial['tls'],
      limits: { ...clientLimits, ...Object.fromEntries(limits) },
    }),
  )
  if (result.kind === 'failed') {
    const broken = result.tlsBroken ? ' (its TLS is broken)' : ''
    outcomes.push(`no session, at ${result.stage}: ${formatReply(result.reply)}${broken}`)
    return
  }
  const { session } = result
  for (let left = Number(settings.get('messages') ?? 1); left > 0; left--) {
    const transaction = transactionOf(dialog)
    const ended = await session.transact(transaction)
    for (const [at, outcome] of transactionOutcomes(ended).entries()) {
      const path = transaction.recipients[at]?.forwardPath
      const blame = !('blame' in outcome) ? '' : ` (${outcome.blame})`
      outcomes.push(`${path}: ${outcome.kind}${blame}, ${formatReply(outcome.reply)}`)
    }
    if (ended.lost?.wasStale) outcomes.push('the connection was stale')
    if (!session.isUsable) break
  }
  if (!session.isUsable) outcomes.push('the session is over')
  else outcomes.push('the session goes on')
  if (settings.has('quits')) await session.quit()
  else session.destroy()
}

function transactionOf({ settings }: Dialog): ClientTransaction {
  const needs = settings.get('needs')?.split(', ') ?? []
  const asked = new Map(
    (settings.get('asks for') ?? '')
      .split(' ')
      .filter((word) => word !== '')
      .map((word): [string, string] => {
        const equals = word.indexOf('=')
        return [word.slice(0, equals), word.slice(equals + 1)]
      }),
  )
  const notify = asked.get('NOTIFY')
  return {
    reversePath: settings.get('from') ?? 'from@example.org',
    recipients: (settings.get('to') ?? 'a@example.net').split(', ').map((forwardPath) => ({
      forwardPath,
      notify:
        notify === undefined ? null : notify === 'NEVER' ? [] : (notify.split(',') as NotifyOn[]),
      originalRecipient: asked.get('ORCPT') ?? null,
    })),
    body: needs.includes('8BITMIME') ? '8BITMIME' : '7BIT',
    smtputf8: needs.includes('SMTPUTF8'),
    ...(needs.includes('REQUIRETLS') ? { requireTls: true } : {}),
    ...(asked.has('MT-PRIORITY') ? { priority: Number(asked.get('MT-PRIORITY')) } : {}),
    ret: (asked.get('RET') as 'FULL' | 'HDRS' | undefined) ?? null,
    envid: asked.get('ENVID') ?? null,
    content: contentOf(settings),
  }
}

function contentOf(settings: ReadonlyMap<string, string>): ClientTransaction['content'] {
  if (settings.has('large')) return new MemoryContent(Buffer.alloc(0), Buffer.alloc(LARGE, 'x'))
  const text = settings.get('content')
  const octets = Buffer.from(text === undefined ? CONTENT : JSON.parse(`"${text}"`), 'utf8')
  const isStreamed = settings.has('streamed') || settings.has('unreadable')
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < octets.length; at += 7) {
      if (settings.has('unreadable') && at > octets.length / 2)
        throw new Error('the disk has failed')
      yield octets.subarray(at, at + 7)
    }
  }
  return {
    signature: Buffer.alloc(0),
    size: octets.length,
    trouble: null,
    body: isStreamed ? pieces() : octets,
  }
}

async function play(
  peer: ScriptedPeer,
  dialog: Dialog,
  split: Split,
  time: TestTime,
): Promise<void> {
  for (const step of dialog.steps) {
    const where = `${dialog.file}:${step.line}`
    if (step.kind === 'does') await act(peer, step.what, { split, time, where })
    else if (step.by === 'C') await reads(peer, step.octets, where)
    else await peer.sendPieces(split(step.octets))
  }
}

interface Circumstances {
  readonly split: Split
  readonly time: TestTime
  readonly where: string
}

async function act(
  peer: ScriptedPeer,
  what: string,
  { split, time, where }: Circumstances,
): Promise<void> {
  const pass = /^(\S+) pass$/.exec(what)?.[1]
  if (pass !== undefined) {
    await octetsArrive()
    time.clock.advance(ms(parseDuration(pass) ?? assert.fail(`${where}: how long is ${pass}?`)))
    return
  }
  const offers = /^greets, offers (.+)$/.exec(what)?.[1]
  if (offers !== undefined) {
    await peer.sendPieces(split('220 mx.example.net ESMTP\r\n'))
    await reads(peer, 'EHLO relay.example.org\r\n', where)
    const lines = ['mx.example.net', ...(offers === 'nothing' ? [] : offers.split(', '))]
    const last = lines.pop() ?? ''
    const answer = lines.map((line) => `250-${line}\r\n`).join('')
    return await peer.sendPieces(split(`${answer}250 ${last}\r\n`))
  }
  switch (what) {
    case 'content':
      return await reads(peer, `${CONTENT}.\r\n`, where)
    case 'chunk':
      return await reads(peer, `BDAT ${CONTENT.length} LAST\r\n${CONTENT}`, where)
    case 'TLS':
      peer.startTls(sinkCertificate)
      return
    case 'closes':
      return peer.close()
    case 'resets':
      return peer.reset()
    case 'stops reading':
      return peer.pause()
    case 'is gone':
      return await peer.gone()
    default:
      assert.fail(`${where}: (${what}) is not known`)
  }
}

async function reads(peer: ScriptedPeer, expected: string, where: string): Promise<void> {
  const read = await peer.readOctets(expected.length)
  assert.equal(read, expected, where)
}
