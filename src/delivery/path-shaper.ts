// SPDX-License-Identifier: Apache-2.0
/** What one egress path may do now: the limits of the shaping rules, and where it stands towards each. */
import type { DurationMs } from '../base/brand.ts'
import { queueLimits } from '../base/limits.ts'
import type { EgressPath } from '../queue/egress.ts'
import type { ConnectionLane, KeyedLimit } from '../queue/shaping/connection-slots.ts'
import type { Admission, KeyedRate, LaneUser, RateLane } from '../queue/shaping/rates.ts'
import type { EffectiveLimits, LimitName } from '../queue/shaping/rules.ts'
import type { DeliveryContext } from './delivery-context.ts'

/** The limit that keeps a path from more. */
export interface Binding {
  /** `null`: what the ledger has still to lend. */
  readonly limit: LimitName | null
  /** Monotonic; `null`: until a connection closes. */
  readonly until: DurationMs | null
}

export class PathShaper {
  /** Connections that are open. */
  open = 0
  readonly #path: EgressPath
  readonly #slots: ConnectionLane
  readonly #starts: RateLane
  readonly #messages: RateLane
  #limits: EffectiveLimits
  #binding: Binding | null = null
  /** Whether messages are paced at all. */
  isPaced: boolean

  /** `user`: who waits for it. */
  constructor(
    { rates, slots }: Pick<DeliveryContext, 'rates' | 'slots'>,
    pool: string,
    path: EgressPath,
    limits: EffectiveLimits,
    user: LaneUser,
  ) {
    this.#path = path
    this.#limits = limits
    const name = `${pool} ${path.source} ${path.site}`
    this.#slots = slots.lane(name, this.#connectionLimits(), user)
    this.#starts = rates.lane(`connections ${name}`, this.#startRates(), user)
    this.#messages = rates.lane(`messages ${name}`, this.#messageRates(), user)
    this.isPaced = this.#messageRates().length > 0
  }

  get limits(): EffectiveLimits {
    return this.#limits
  }

  /** What it waited for when it last had to wait. */
  get binding(): Binding | null {
    return this.#binding
  }

  get messagesPerConnection(): number {
    return this.#limits.settings.messagesPerConnection?.value ?? Number.POSITIVE_INFINITY
  }

  get recipientsPerTransaction(): number {
    const { recipientsPerTransaction } = this.#limits.settings
    return recipientsPerTransaction?.value ?? queueLimits.recipientsPerTransaction
  }

  /** The rules have changed, or the hosts. */
  rebind(limits: EffectiveLimits): void {
    this.#limits = limits
    this.#slots.rebind(this.#connectionLimits())
    this.#starts.rebind(this.#startRates())
    this.#messages.rebind(this.#messageRates())
    this.isPaced = this.#messageRates().length > 0
  }

  /** How many connections may be open while there is work for `waiting` more. */
  allowed(waiting: number): number {
    const wanted = this.open + waiting
    const { allowed, binds } = this.#slots.allowed(this.open, wanted)
    if (wanted > allowed) this.#binding = { limit: limitOf(binds), until: null }
    else if (this.#binding?.until === null) this.#binding = null
    return allowed
  }

  /** Whether a connection may be opened now, as far as rates go. `go` spends nothing. */
  lookToOpen(now: DurationMs): Admission {
    const start = this.#starts.look(now)
    return this.#noted(start.kind === 'go' ? this.#messages.look(now) : start)
  }

  opens(now: DurationMs): boolean {
    return this.#noted(this.#starts.admit(now)).kind === 'go'
  }

  /** Whether a message may go now; spends nothing. */
  look(now: DurationMs): Admission {
    return this.#noted(this.#messages.look(now))
  }

  /** Once a message, where there is one. `go` spends. */
  admit(now: DurationMs): Admission {
    return this.#noted(this.#messages.admit(now))
  }

  #noted(admission: Admission): Admission {
    if (admission.kind === 'wait')
      this.#binding = { limit: limitOf(admission.binds), until: admission.until }
    return admission
  }

  #connectionLimits(): readonly KeyedLimit[] {
    const { connections, providerConnections } = this.#limits.settings
    return [
      ...this.#keyed('connections', connections?.value),
      ...this.#keyed('providerConnections', providerConnections?.value),
    ]
  }

  #startRates(): readonly KeyedRate[] {
    const { connectionRate, providerConnectionRate } = this.#limits.settings
    return [
      ...this.#keyed('connectionRate', connectionRate?.value),
      ...this.#keyed('providerConnectionRate', providerConnectionRate?.value),
    ]
  }

  #messageRates(): readonly KeyedRate[] {
    const { messageRate, providerMessageRate } = this.#limits.settings
    return [
      ...this.#keyed('messageRate', messageRate?.value),
      ...this.#keyed('providerMessageRate', providerMessageRate?.value),
    ]
  }

  /** What the limit is shared by: this path, or all paths from its source to the provider. */
  #keyed<Limit>(name: LimitName, limit: Limit | null | undefined) {
    if (limit === null || limit === undefined) return []
    const { provider } = this.#limits
    const { site, source } = this.#path
    if (!name.startsWith('provider')) return [{ key: `${name} ${source} ${site}`, limit }]
    return provider === null ? [] : [{ key: `${name} ${source} ${provider}`, limit }]
  }
}

function limitOf(key: string | null): LimitName | null {
  return key === null ? null : (key.slice(0, key.indexOf(' ')) as LimitName)
}
