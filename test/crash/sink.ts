// SPDX-License-Identifier: Apache-2.0
/**
 * The receiver of the crash test, a process of its own that is never killed: takes what comes, and remembers each
 * arrival just before its 250. Started by `receiver.ts`.
 */
import { SinkServer } from '../../src/app/sink/sink-server.ts'
import { ms } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { numberOf, readLetter } from './letter.ts'

export interface Arrivals {
  /** How often each recipient got its letter, and when first, by the wall clock. */
  readonly letters: ReadonlyMap<string, Arrived>
  /** Recipients of letters that were not as they were sent, or not theirs. */
  readonly corrupt: ReadonlySet<string>
  /** Recipients that a report to the sender named as failed. */
  readonly reported: ReadonlySet<string>
}

export interface Arrived {
  readonly times: number
  readonly firstAt: number
}

/** Shorter than the first wait of the streams, so that a second try is let in. */
const GREYLIST = ms(200)

const clock = new SystemClock()
const letters = new Map<string, Arrived>()
const corrupt = new Set<string>()
const reported = new Set<string>()

const sink = new SinkServer({
  temperament: {
    picked: { greylist: GREYLIST, slow: ms(0), throttle: { count: 1, per: ms(1) } },
  },
  onMessage: ({ recipients, reversePath, content }) => {
    if (reversePath === '') noteReport(content)
    else noteLetter(recipients, content)
  },
})
const port = await sink.listen()
process.on('message', () => process.send?.({ letters, corrupt, reported } satisfies Arrivals))
process.send?.(port)

function noteLetter(recipients: readonly string[], content: Buffer): void {
  const letter = readLetter(content)
  for (const recipient of recipients) {
    const { times, firstAt } = letters.get(recipient) ?? { times: 0, firstAt: clock.now() }
    letters.set(recipient, { times: times + 1, firstAt })
    if (!letter?.isIntact || letter.number !== numberOf(recipient)) corrupt.add(recipient)
  }
}

function noteReport(content: Buffer): void {
  const text = content.toString('latin1')
  for (const [, recipient = ''] of text.matchAll(/^Final-Recipient: rfc822; *(\S+)\r$/gim))
    reported.add(recipient)
}
