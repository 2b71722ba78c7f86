// SPDX-License-Identifier: Apache-2.0
/**
 * Takes mail that came in about mail that went out: understands it, has its findings recorded, sends on what a person must see.
 * All of that before the 250, so that between the two nothing can be lost and nothing waits:
 *
 *   read ▸ evidence ▸ authenticate ▸ judge, for each address (▸ guess) ▸ allowance ▸ record (durable) ▸ send on (durable) ▸ 250
 *
 * What cannot be done now is 4yz: the queue is the sender's.
 */
import type { Acceptance } from '../accept/acceptor.ts'
import type { OwnContent, OwnSubmitter } from '../accept/own-mail.ts'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import { domainOf, type Mailbox } from '../protocol/mailbox.ts'
import { isTransient, type Reply, reply } from '../protocol/reply.ts'
import { readReport } from '../protocol/report/read-report.ts'
import type { ReadReport } from '../protocol/report/report-facts.ts'
import type { TokenSealer } from '../protocol/token.ts'
import type { Directory } from '../records/directory.ts'
import { type AuthenticationContext, authenticate } from './authentication.ts'
import { findIds, findToken } from './evidence.ts'
import type { FeedbackRecorder, Finding, ReportedMessage } from './finding.ts'
import { genuinenessOf, namesForgedPath } from './forgery.ts'
import { Guesser } from './guesser.ts'
import type { InboundAddress } from './inbound-addresses.ts'
import { guessed, type InboundFacts, isUnmatched, type Judgement, judge } from './judgement.ts'
import { headerOf } from './mail-header.ts'
import { isForwardedBy, operatorMail } from './operator-mail.ts'
import { originalReport, wantedReport } from './original-report.ts'
import { diskAllowances, PeerAllowance } from './peer-allowance.ts'
import type { SentMailIndex } from './reported-mail.ts'

export interface FeedbackHubContext {
  readonly hostname: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly sealer: TokenSealer
  readonly directory: () => Directory
  readonly recorder: FeedbackRecorder
  /** For reports in which nothing is of ours. */
  readonly sentMail: SentMailIndex
  readonly resolver: AuthenticationContext['resolver']
  /** Domains whose complaints are known to be signed. */
  readonly signedLoops: () => readonly string[]
  /** Whom mail of people goes to; `null`: nobody reads it, and they are told. */
  readonly operator: () => Mailbox | null
  /** Header From of what is sent there. */
  readonly from: () => string
  /** The way in for our own mail. */
  readonly submit: (
    about: OwnSubmitter,
    recipient: Mailbox,
    content: OwnContent,
  ) => Promise<Acceptance>
}

export interface InboundMail {
  /** At least one. */
  readonly addresses: readonly InboundAddress[]
  readonly octets: Buffer
  /** Address of the host that brought it, without port, and what it said that it is. */
  readonly peer: string
  /** `null`: it was made here, and nobody needs to prove who sent it. */
  readonly helo: string | null
  /** Empty for the null reverse-path. */
  readonly reversePath: string
}

type AddressedJudgement = Judgement & { readonly address: InboundAddress }

const TAKEN = reply(250, '2.0.0', 'Ok')
const LOOP = reply(554, '5.4.6', 'This mail was sent from here to you')
const NOBODY_READS = reply(550, '5.7.1', 'No report that is understood, and nobody reads mail here')
const TOO_MUCH = reply(452, '4.7.1', 'Too much mail of no use from you lately, try again later')
const UNSURE = reply(451, '4.4.3', 'Who sent this report cannot be verified now, try again later')
const NOT_NOW = reply(451, '4.3.2', 'The report cannot be recorded now, try again later')

export class FeedbackHub {
  readonly #context: FeedbackHubContext
  readonly #allowance: PeerAllowance
  readonly #guesser: Guesser

  constructor(context: FeedbackHubContext) {
    this.#context = context
    this.#allowance = new PeerAllowance(context.clock, diskAllowances)
    this.#guesser = new Guesser(context.sentMail, context.clock, context.log)
  }

  get hasOperator(): boolean {
    return this.#context.operator() !== null
  }

  /** Never rejects. All that it says was done is durable. */
  async take(mail: InboundMail): Promise<Reply> {
    const { clock, hostname, log, sealer, signedLoops } = this.#context
    const header = headerOf(mail.octets)
    if (isForwardedBy(hostname, header)) {
      log.warn(
        { peer: mail.peer },
        'mail that was sent on came back: feedback.forward_to, or a reverse-path, leads here',
      )
      return LOOP
    }
    const report = readReport(mail.octets)
    const now = clock.now()
    // A return path is evidence enough.
    const isNamed = mail.addresses.some(({ kind }) => kind === 'role')
    const token = isNamed ? findToken(mail.octets, report.returned, sealer, now) : null
    const ids = isNamed ? findIds(report.returned, now) : []
    const { helo } = mail
    const authentication =
      helo === null ? null : await authenticate(this.#context, { ...mail, helo, header })
    const genuineness =
      authentication === null ? 'genuine' : genuinenessOf(report, authentication, signedLoops())
    if (genuineness === 'unsure') return UNSURE
    const isMadeUp = token === null && ids.length === 0 && this.#isMadeUp(report)
    const facts: InboundFacts = {
      ...{ report, token, ids, authentication },
      tenantOf: (domain) => this.#tenantOf(domain),
      isForged: genuineness === 'forged' || isMadeUp,
      peer: mail.peer,
      size: mail.octets.length,
    }
    const judged = await this.#guessed(
      facts,
      mail.addresses.map((address) => ({ address, ...judge(address, facts) })),
    )
    const forPerson = judged.find(({ isForPerson }) => isForPerson) ?? null
    const refusal = this.#refusal(mail, judged, forPerson !== null)
    if (refusal !== null) return refusal
    try {
      const findings = judged.map(({ finding }) => finding)
      const messages = await this.#context.recorder.record(findings)
      const refusal = await this.#sendOriginals(mail, findings, messages)
      if (refusal !== null) return refusal
      return forPerson === null ? TAKEN : await this.#forward(mail, forPerson)
    } catch (thrown) {
      // The disk holds events back, or the worker that has the message is being replaced.
      log.warn({ error: messageOf(thrown), peer: mail.peer }, 'a report cannot be recorded now')
      return NOT_NOW
    }
  }

  /** With what one of them may be about, where nothing in the report says it: it is in one timeline once. */
  async #guessed(
    { peer, report }: InboundFacts,
    judged: readonly AddressedJudgement[],
  ): Promise<readonly AddressedJudgement[]> {
    const at = judged.findIndex(isUnmatched)
    const mail = at === -1 ? null : await this.#guesser.guess(report, peer)
    if (mail === null) return judged
    return judged.map((each, index) => {
      if (index !== at) return each
      // The operator gets what they got before; without one it has a place now.
      const { finding, isForPerson } = guessed(each, mail)
      return { ...each, finding, isForPerson: isForPerson && this.hasOperator }
    })
  }

  /** Where several tenants have return paths there, none: whose it is would be a guess. */
  #tenantOf(domain: string): string | null {
    const domains = this.#context.directory().domains.values()
    const own = domains.filter(({ returnPathDomain }) => returnPathDomain === domain)
    const [tenant, ...others] = new Set(own.map((each) => each.tenant))
    return others.length === 0 ? (tenant ?? null) : null
  }

  /** It complains about mail from a return path of ours that is none. */
  #isMadeUp({ kind, returned }: ReadReport): boolean {
    const { clock, directory, sealer } = this.#context
    if (kind !== 'complaint') return false
    const domains = directory().domains.values()
    const isOurs = (domain: string) => domains.some((own) => own.returnPathDomain === domain)
    return namesForgedPath(returned, isOurs, (text) => sealer.open(text, clock.now()))
  }

  #refusal(mail: InboundMail, judged: readonly Judgement[], isForPerson: boolean): Reply | null {
    if (isForPerson && !this.hasOperator) return NOBODY_READS
    const events = judged.filter(({ finding }) => !isVouchedFor(finding)).length
    const octets = events * feedbackLimits.eventOctets + (isForPerson ? mail.octets.length : 0)
    return octets === 0 || this.#allowance.charge(mail.peer, octets) ? null : TOO_MUCH
  }

  /** To each submitter who wants it; `null`: that is done, or cannot be done. */
  async #sendOriginals(
    mail: InboundMail,
    findings: readonly Finding[],
    messages: readonly (ReportedMessage | null)[],
  ): Promise<Reply | null> {
    const { directory, hostname, log, submit } = this.#context
    for (const [at, finding] of findings.entries()) {
      const wanted = wantedReport(directory(), finding, messages[at] ?? null)
      if (wanted === null) continue
      // Whoever has a token could fill that mailbox through us by saying the same again.
      if (!wanted.isNew && !this.#allowance.charge(mail.peer, mail.octets.length)) return TOO_MUCH
      const { sandbox, stream, to } = wanted
      const submitter = { tenant: stream.tenant, stream: stream.name, sandbox }
      const acceptance = await submit(submitter, to, originalReport(mail.octets, hostname))
      if (acceptance.kind === 'accepted') continue
      if (isTransient(acceptance.reply)) return acceptance.reply
      const { text } = acceptance.reply
      log.warn({ reply: text, peer: mail.peer }, 'a report cannot be sent to its submitter')
    }
    return null
  }

  async #forward(mail: InboundMail, { address, finding }: AddressedJudgement): Promise<Reply> {
    const { clock, from, hostname, log, operator, random, submit } = this.#context
    const to = operator()
    const submitter = this.#submitterOf(address)
    if (to === null || submitter === null) return NOBODY_READS
    const content = operatorMail(
      {
        octets: mail.octets,
        mailbox: address.mailbox,
        messageId: finding.certainty === 'possible' ? null : finding.messageId,
        peer: mail.peer,
      },
      { hostname, from: from(), to, now: clock.now(), mark: random.bytes(12).toString('hex') },
    )
    const acceptance = await submit(submitter, to, content)
    if (acceptance.kind === 'accepted') return TAKEN
    if (isTransient(acceptance.reply)) return acceptance.reply
    log.warn(
      { reply: acceptance.reply.text, peer: mail.peer },
      'mail cannot be sent to the operator',
    )
    return reply(554, '5.6.0', 'The mail cannot be sent on')
  }

  /** Of the tenant whose domain it came to, or of any: its own mail comes in the same way. */
  #submitterOf({ mailbox }: InboundAddress): OwnSubmitter | null {
    const directory = this.#context.directory()
    const domain = domainOf(mailbox)
    const own = [...directory.domains.values()].find(
      ({ name, returnPathDomain }) => name === domain || returnPathDomain === domain,
    )
    const [first] = directory.tenants.keys()
    const tenant = own?.tenant ?? first
    const stream = tenant === undefined ? null : directory.defaultStream(tenant)
    if (tenant === undefined || stream === null) return null
    return { tenant, stream: stream.name, sandbox: false }
  }
}

/** Written once for each recipient that we sent to, however much comes. */
function isVouchedFor({ what, certainty }: Finding): boolean {
  return what !== 'noted' && certainty === 'proven'
}
