// SPDX-License-Identifier: Apache-2.0
/**
 * `/c/WORD/TARGET`: a link was followed, and leads on at once to where it was made for: the word vouches for the target, so that nobody can
 * have us lead elsewhere. `/o/WORD.gif`: a picture was loaded. What is counted is written afterwards.
 */
import type { Clock } from '../../base/clock.ts'
import { timestampOf } from '../../events/event.ts'
import { messageIdOf } from '../../events/ids.ts'
import type { HitQueue } from '../../feedback/hit-queue.ts'
import type { LinkSealer, LinkToken } from '../../protocol/link-token.ts'
import type { BadWords } from './bad-words.ts'
import { broken } from './unsubscribe-pages.ts'
import { visitorOf } from './visitor.ts'
import { carefulFields, sentence, type WebAnswer } from './web-answer.ts'
import type { WebWay } from './web-listener.ts'
import type { WebVisit } from './web-visit.ts'

export interface HitContext {
  readonly clock: Clock
  readonly sealer: LinkSealer
  readonly queue: HitQueue
  readonly badWords: BadWords
}

/** One dot that nobody sees. */
const PICTURE = Buffer.from(
  'R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==',
  'base64',
)

/** Mail is shown on pages of many origins. */
const pictureFields = {
  ...carefulFields,
  'content-type': 'image/gif',
  'cross-origin-resource-policy': 'cross-origin',
} as const

/** What may stand in a field of an answer. */
const TARGET = /^https?:\/\/[!-~]+$/i

export class ClickWay implements WebWay {
  readonly #context: HitContext

  constructor(context: HitContext) {
    this.#context = context
  }

  answer(visit: WebVisit): WebAnswer {
    const { badWords, sealer } = this.#context
    if (visit.method === 'POST') return notHere()
    const [, word = '', text = ''] = visit.path
    const target = Buffer.from(text, 'base64url').toString()
    const token = TARGET.test(target) ? sealer.open(word, 'click', target) : null
    if (token === null) return badWords.takeForged(visit.peer) ?? broken()
    count(this.#context, visit, token, target)
    return sentence(302, 'This way', { location: target })
  }
}

export class OpenWay implements WebWay {
  readonly #context: HitContext

  constructor(context: HitContext) {
    this.#context = context
  }

  answer(visit: WebVisit): WebAnswer {
    const { badWords, sealer } = this.#context
    if (visit.method === 'POST') return notHere()
    const [, name = ''] = visit.path
    const token = name.endsWith('.gif') ? sealer.open(name.slice(0, -4), 'open', '') : null
    if (token === null)
      return badWords.takeForged(visit.peer) ?? sentence(404, 'There is no such picture')
    count(this.#context, visit, token, null)
    // Not to be kept: the next time counts as well.
    return { status: 200, fields: pictureFields, body: PICTURE }
  }
}

function count(
  { clock, queue }: HitContext,
  { headers, method, peer }: WebVisit,
  { messageId, recipientIndex }: LinkToken,
  link: string | null,
): void {
  queue.add({
    messageId: messageIdOf(messageId),
    ...{ recipientIndex, link, peer },
    at: timestampOf(clock.now()),
    ...visitorOf(method, headers),
  })
}

function notHere(): WebAnswer {
  return sentence(405, 'This cannot be done here', { allow: 'GET, HEAD' })
}
