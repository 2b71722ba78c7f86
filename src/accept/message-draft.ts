// SPDX-License-Identifier: Apache-2.0
/**
 * The way in, one for SMTP, HTTP and our own mail:
 *
 *   handling (stream, labels) ▸ content (8-bit, long lines, trace fields, Bcc, hash) ▸ gate ▸ quotas ▸ sign ▸ commit ▸
 *   suppressions ▸ enqueue
 *
 * What is wrong with a message is said once, by `finish`, after all of it was read.
 */
import { type DurationMs, type Instant, instant } from '../base/brand.ts'
import { messageOf, RelayError } from '../base/errors.ts'
import { invariant } from '../base/invariant.ts'
import type { Log } from '../base/log.ts'
import type { MemoryBudget, MemoryShare } from '../base/memory-budget.ts'
import type { AssembledContent } from '../content/content-assembler.ts'
import { type Beginning, ContentIntake } from '../content/content-intake.ts'
import type { Signer } from '../content/signer.ts'
import type { GateCheck } from '../events/gate-check.ts'
import type { MessageId } from '../events/ids.ts'
import type { Envelope } from '../protocol/envelope.ts'
import { type Reply, reply } from '../protocol/reply.ts'
import { serverReplies } from '../protocol/smtp/server-replies.ts'
import type { SpoolDraft } from '../spool/spool.ts'
import { acceptedMessage } from './accepted-message.ts'
import type { Acceptance, Draft, Provenance, Repeats, Submitter } from './acceptor.ts'
import type { CampaignWishes } from './campaign-wishes.ts'
import type { CredentialBaselines } from './credential-baselines.ts'
import type { Departure } from './departure.ts'
import type { Gate, Passed, Verdict } from './gate/gate.ts'
import type { GateNotice } from './gate/gate-notice.ts'
import type { Handling, HandlingVerdict } from './handling.ts'
import { type HoldingContext, holdOf, sendOrHold } from './holding.ts'
import type { KeyCache } from './logins/key-cache.ts'
import type { LastUses } from './logins/last-uses.ts'
import { type Claim, type Over, type QuotaCounters, unclaimed } from './quotas/quota-counters.ts'
import { quotaReply } from './quotas/quota-texts.ts'
import { receivedEvent } from './reception-event.ts'
import { type BandingContext, findBands } from './recipient-bands.ts'
import { contentPolicyOf, type LinkingContext, wantsLinks } from './recipient-links.ts'
import { findSuppressed, type SuppressingContext, sortOut } from './suppressed-recipients.ts'

const LOCAL_ERROR = reply(451, '4.3.0', 'Local error in processing, try again later')

const BUSY = reply(451, '4.3.2', 'Too much mail at once, try again later')

export interface AcceptContext
  extends SuppressingContext,
    HoldingContext,
    LinkingContext,
    BandingContext {
  /** Says `by` in Received fields. */
  readonly hostname: string
  /** What comes in, and is not answered yet. */
  readonly memory: MemoryBudget
  readonly signer: Signer
  readonly keys: KeyCache
  readonly gateNotice: GateNotice
  readonly quotas: QuotaCounters
  readonly baselines: CredentialBaselines
  readonly uses: LastUses
  readonly wishes: CampaignWishes
  /** How long a recipient waits until its submitter is told. */
  readonly delayReportAfter: () => DurationMs
}

/** What differs between mail of submitters and our own. */
export interface DraftRules {
  readonly gate: Gate
  /** `null`: nothing is counted. */
  readonly quotas: QuotaCounters | null
  readonly repeats: Repeats | null
  /** Asked once, with what the header section says. */
  readonly handle: (beginning: Beginning) => HandlingVerdict
}

type Assembled = Extract<AssembledContent, { kind: 'content' }>

export class MessageDraft implements Draft {
  readonly #context: AcceptContext
  readonly #submitter: Submitter
  readonly #envelope: Envelope
  readonly #provenance: Provenance
  readonly #gate: Gate
  readonly #quotas: QuotaCounters | null
  readonly #retryOf: MessageId | null
  readonly #id: MessageId
  readonly #content: ContentIntake
  readonly #memory: MemoryShare
  #spooled: SpoolDraft | null = null
  /** `null` until the header section is there. */
  #handling: Handling | null = null
  #refusal: Reply | null = null
  #claimed: Claim = unclaimed

  constructor(
    context: AcceptContext,
    submitter: Submitter,
    envelope: Envelope,
    provenance: Provenance,
    { gate, handle, quotas, repeats }: DraftRules,
  ) {
    this.#context = context
    this.#submitter = submitter
    this.#envelope = envelope
    this.#provenance = provenance
    this.#gate = gate
    this.#quotas = quotas
    this.#id = repeats?.id ?? context.spool.newId()
    this.#retryOf = repeats?.retryOf ?? null
    this.#memory = context.memory.share()
    const { recipients } = envelope
    const options = {
      id: this.#id,
      hostname: context.hostname,
      now: context.clock.now(),
      trace: provenance,
      smtputf8: envelope.smtputf8,
      priority: envelope.priority ?? 0,
      forRecipient: recipients.length === 1 ? (recipients[0]?.forwardPath ?? null) : null,
    }
    this.#content = new ContentIntake(options, (beginning) => {
      const verdict = handle(beginning)
      if ('refused' in verdict) return verdict
      this.#handling = verdict
      if (!wantsLinks(verdict)) return verdict.stream
      const { tenant } = submitter
      const mail = { id: this.#id, tenant, envelope, handling: verdict, now: options.now }
      return contentPolicyOf(context, mail, beginning)
    })
    try {
      this.#spooled = context.spool.begin()
    } catch (thrown) {
      this.#refuse(refusalFor(thrown, context.log))
    }
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#refusal !== null) return undefined
    const wait = this.#spool(this.#content.write(chunk))
    const held = this.#content.heldOctets + (this.#spooled?.heldOctets ?? 0)
    if (!this.#memory.hold(held)) this.#refuse(serverReplies.noRoom)
    return wait?.catch(
      (thrown: unknown) => void this.#refuse(refusalFor(thrown, this.#context.log)),
    )
  }

  async finish(): Promise<Acceptance> {
    try {
      const assembled = this.#content.finish()
      if (assembled.kind === 'fault') return this.#refuse(assembled.reply)
      const handling = this.#handling
      invariant(handling !== null, 'content without a header section was assembled')
      const verdict = this.#judge(assembled, handling)
      if (verdict.kind === 'refused') return this.#refuse(verdict.reply, verdict.check)
      await this.#spool(assembled.chunks)
      if (this.#refusal !== null) return this.#refuse(this.#refusal)
      const refused = await this.#wish(handling)
      if (refused !== null) return this.#refuse(refused)
      const claim = this.#claim(handling)
      if (claim.kind === 'over' && claim.quota.whenOver === 'reject')
        return this.#refuse(quotaReply(claim), null, claim.until)
      return await this.#commit(assembled, verdict, handling, claim)
    } catch (thrown) {
      // RLY_SPOOL_*: nothing was accepted.
      this.#quotas?.giveBack(this.#claimed)
      return this.#refuse(refusalFor(thrown, this.#context.log))
    } finally {
      this.#memory.hold(0)
    }
  }

  abort(): void {
    this.#spooled?.abort()
    this.#spooled = null
    this.#memory.hold(0)
  }

  #judge({ facts, header, size }: Assembled, handling: Handling): Verdict {
    const { clock, directory } = this.#context
    const { stream } = handling
    const goesAt = this.#goesAt(handling, clock.now())
    return this.#gate(directory(), this.#submitter, { stream, facts, header, size, goesAt })
  }

  #goesAt({ sendAt }: Handling, now: Instant): Instant {
    return instant(this.#envelope.release?.at ?? sendAt ?? now)
  }

  /** Nearly no message says anything. */
  #wish({ wish }: Handling): Promise<Reply | null> | null {
    return wish && this.#context.wishes.heed(this.#submitter.tenant, wish)
  }

  /** Of the sandbox nothing is counted. */
  #claim({ sandbox, stream }: Handling): Claim | Over {
    if (this.#quotas === null || sandbox) return unclaimed
    const { tenant, credential } = this.#submitter
    const claim = this.#quotas.claim(
      tenant,
      stream.name,
      credential,
      this.#envelope.recipients.length,
    )
    if (claim.kind === 'within') this.#claimed = claim
    return claim
  }

  /** A sandbox says nothing of who has the secret. */
  #departure({ sandbox, stream }: Handling): Departure | null {
    const { tenant, credential } = this.#submitter
    if (credential === null || sandbox || stream.gate === 'off') return null
    return this.#context.baselines.note(tenant, credential, this.#envelope.recipients)
  }

  async #commit(
    assembled: Assembled,
    verdict: Passed,
    handling: Handling,
    claim: Claim | Over,
  ): Promise<Acceptance> {
    const { clock, delayReportAfter, directory, gateNotice, holdFor, keys, node, signer } =
      this.#context
    if (this.#spooled === null) return this.#refuse(LOCAL_ERROR)
    const now = clock.now()
    const signingKeys = keys.keysOf(directory(), verdict.signingDomain)
    const signature = await signer.sign(assembled.header, assembled.bodyHash, signingKeys, now)
    const receivedAt = clock.now()
    const goesAt = this.#goesAt(handling, receivedAt)
    const over = claim.kind === 'over' ? claim : null
    const departure = this.#departure(handling)
    const { recipients: to } = this.#envelope
    const found = findBands(this.#context, this.#submitter.tenant, handling, to)
    const bands = typeof found === 'object' && found !== null ? await found : found
    const message = acceptedMessage({
      id: this.#id,
      envelope: this.#envelope,
      submitter: this.#submitter,
      handling,
      verdict,
      receivedAt,
      goesAt,
      facts: assembled.facts,
      size: assembled.size,
      hold: holdOf(
        { warning: verdict.warning, over, departure, stream: handling.stream, from: goesAt },
        holdFor(),
      ),
      bands,
      delayReportAfter: delayReportAfter(),
      retryOf: this.#retryOf,
    })
    const received = receivedEvent({
      message,
      submitter: this.#submitter,
      provenance: this.#provenance,
      facts: assembled.facts,
      signedBy: signingKeys.map((key) => `${key.selector}._domainkey.${key.domain}`),
      node,
      warned: verdict.warning?.failed ?? null,
      now: clock.now(),
    })
    const suppressing = findSuppressed(this.#context, message)
    const recipients = await this.#spooled.commit(message, signature, received)
    if (verdict.warning !== null && message.hold === undefined)
      gateNotice.tell(handling.stream, verdict.warning.domain, verdict.warning.failed)
    if (suppressing === null) {
      sendOrHold(this.#context, message, recipients)
      return { kind: 'accepted', id: this.#id, suppressed: [] }
    }
    const { suppressed, wanted } = await sortOut(this.#context, recipients, await suppressing)
    sendOrHold(this.#context, message, wanted)
    return { kind: 'accepted', id: this.#id, suppressed }
  }

  #spool(chunks: readonly Uint8Array[]): Promise<void> | undefined {
    let wait: Promise<void> | undefined
    for (const chunk of chunks) wait = this.#spooled?.write(chunk)
    return wait
  }

  /** The first reason stands; the draft is given up. */
  #refuse(why: Reply, check: GateCheck | null = null, until: Instant | null = null): Acceptance {
    this.#refusal ??= why
    this.#content.refuse(this.#refusal)
    this.abort()
    return { kind: 'refused', reply: this.#refusal, check, until }
  }
}

/** Our own trouble is always transient to a submitter (RFC 3463 X.3.0, X.3.1). */
function refusalFor(thrown: unknown, log: Log): Reply {
  if (thrown instanceof RelayError) {
    // The spool has said so itself, once.
    if (thrown.code === 'RLY_SPOOL_FULL' || thrown.code === 'RLY_SPOOL_FAILED')
      return reply(452, '4.3.1', thrown.publicText)
    if (thrown.code === 'RLY_BUSY') return BUSY
  }
  log.error({ error: messageOf(thrown) }, 'a message could not be accepted')
  return LOCAL_ERROR
}
