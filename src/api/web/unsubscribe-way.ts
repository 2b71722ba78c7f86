// SPDX-License-Identifier: Apache-2.0
/**
 * `/u/TOKEN`: a recipient wants no more, by the button of a mail program (RFC 8058) or by the page that a browser shows. To look at it
 * changes nothing, for scanners and mail programs fetch links before anybody reads them; a form that is posted counts at once,
 * without cookies, and is durable before it is answered. No answer says who the recipient is, or whether there is one.
 */
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import { feedbackLimits } from '../../base/limits/feedback-limits.ts'
import type { Log } from '../../base/log.ts'
import { messageIdOf } from '../../events/ids.ts'
import type { FeedbackRecorder, Finding } from '../../feedback/finding.ts'
import { diskAllowances, PeerAllowance } from '../../feedback/peer-allowance.ts'
import type { Token, TokenSealer } from '../../protocol/token.ts'
import type { LinkHosts } from '../../records/domains/link-hosts.ts'
import type { SendingDomain } from '../../records/records.ts'
import type { BadWords } from './bad-words.ts'
import { postedForm } from './posted-form.ts'
import * as pages from './unsubscribe-pages.ts'
import { sentence, type WebAnswer } from './web-answer.ts'
import type { WebVisit } from './web-visit.ts'

export interface UnsubscribeContext {
  readonly clock: Clock
  readonly log: Log
  readonly sealer: TokenSealer
  readonly hosts: LinkHosts
  readonly recorder: FeedbackRecorder
  readonly badWords: BadWords
}

/** What is read of a link. */
interface Wish {
  readonly token: Token
  readonly recipientIndex: number
  /** Whose mail it was; `null`: of a domain that is not here any more. */
  readonly domain: SendingDomain | null
}

export class UnsubscribeWay {
  readonly #context: UnsubscribeContext
  readonly #allowance: PeerAllowance

  constructor(context: UnsubscribeContext) {
    this.#context = context
    this.#allowance = new PeerAllowance(context.clock, diskAllowances)
  }

  async answer(visit: WebVisit): Promise<WebAnswer> {
    const { badWords, clock, sealer } = this.#context
    const [, word = ''] = visit.path
    const opened = sealer.open(word, clock.now())
    if (opened.kind === 'invalid' || opened.token.recipientIndex === null)
      return badWords.takeForged(visit.peer) ?? pages.broken()
    const { token } = opened
    const { recipientIndex } = opened.token
    const wish = { token, recipientIndex, domain: this.#domainOf(visit) }
    if (opened.isExpired) return this.#tellOld(visit, wish)
    if (visit.method !== 'POST') return pages.question(nameOf(wish))
    const body = await visit.body()
    if (body === null) return sentence(413, 'This form is too large', { connection: 'close' })
    const form = postedForm(body, visit.headers['content-type'])
    if (form?.get('List-Unsubscribe') !== 'One-Click') return pages.unclear(nameOf(wish))
    return this.#unsubscribe(visit, wish, form.get('from') === 'page' ? 'page' : 'one-click')
  }

  async #unsubscribe(
    visit: WebVisit,
    wish: Wish,
    web: NonNullable<Finding['web']>,
  ): Promise<WebAnswer> {
    try {
      await this.#context.recorder.record([
        { ...findingOf(visit, wish), what: 'unsubscribed', web },
      ])
      return pages.done(nameOf(wish))
    } catch (thrown) {
      // The disk holds events back, or the worker that has the message is being replaced.
      const { log } = this.#context
      log.warn({ error: messageOf(thrown) }, 'a wish to get no more cannot be recorded now')
      return pages.notNow(nameOf(wish))
    }
  }

  /** Counted, and without consequence. */
  async #tellOld(visit: WebVisit, wish: Wish): Promise<WebAnswer> {
    const refusal = this.#context.badWords.takeOld(visit.peer)
    if (refusal !== null) return refusal
    if (visit.method === 'POST' && this.#allowance.charge(visit.peer, feedbackLimits.eventOctets))
      await this.#note({ ...findingOf(visit, wish), fate: 'expired' })
    return pages.tooOld(nameOf(wish))
  }

  async #note(finding: Finding): Promise<void> {
    try {
      await this.#context.recorder.record([finding])
    } catch (thrown) {
      // As above; nobody was promised anything.
      this.#context.log.warn({ error: messageOf(thrown) }, 'an old link cannot be counted now')
    }
  }

  /** By the name that the client came by, else by what the link says. */
  #domainOf({ host, path }: WebVisit): SendingDomain | null {
    if (host.kind === 'domain') return host.domain
    const [, , name] = path
    return name === undefined ? null : this.#context.hosts.domainNamed(name)
  }
}

function nameOf({ domain }: Wish): string | null {
  return domain?.name ?? null
}

function findingOf({ peer }: WebVisit, { domain, recipientIndex, token }: Wish): Finding {
  return {
    what: 'noted',
    messageId: messageIdOf(token.messageId),
    recipientIndex,
    addressHash: Buffer.from(token.addressHash).toString('hex'),
    tenant: domain?.tenant ?? null,
    certainty: 'proven',
    kind: 'unsubscribe',
    fate: 'noted',
    feedbackType: null,
    concerned: [],
    reportingMta: null,
    peer,
    authentication: null,
    size: 0,
    web: null,
  }
}
