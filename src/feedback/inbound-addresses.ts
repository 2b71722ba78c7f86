// SPDX-License-Identifier: Apache-2.0
/** Whom mail of other servers may be for: our own tokens, at any domain, and a few names at the domains that are set up. */
import type { Clock } from '../base/clock.ts'
import { type Domain, domainOf, type Mailbox } from '../protocol/mailbox.ts'
import { TOKEN_CHARACTERS, type TokenSealer } from '../protocol/token.ts'
import type { Directory } from '../records/directory.ts'
import type { GoodToken } from './evidence.ts'

/** Feedback reports; people who complain; people with a question (RFC 2142, RFC 5321 §4.5.1); whoever wants no more. */
export type InboundRole = 'fbl' | 'abuse' | 'postmaster' | 'unsubscribe'

export type InboundAddress =
  | { readonly kind: 'token'; readonly mailbox: Mailbox; readonly token: GoodToken }
  | { readonly kind: 'role'; readonly mailbox: Mailbox; readonly role: InboundRole }

const roles: ReadonlyMap<string, InboundRole> = new Map([
  ['fbl', 'fbl'],
  ['abuse', 'abuse'],
  ['postmaster', 'postmaster'],
  ['unsubscribe', 'unsubscribe'],
])

const TOKEN_WORD = new RegExp(`^[0-9a-z]{${TOKEN_CHARACTERS}}$`, 'i')

export class InboundAddresses {
  readonly #hostname: string
  readonly #directory: () => Directory
  readonly #sealer: TokenSealer
  readonly #clock: Clock
  #forged = 0
  /** Made anew when the records change. */
  #domains: { readonly of: Directory; readonly names: ReadonlySet<Domain> } | null = null

  constructor(options: {
    readonly hostname: string
    readonly directory: () => Directory
    readonly sealer: TokenSealer
    readonly clock: Clock
  }) {
    this.#hostname = options.hostname
    this.#directory = options.directory
    this.#sealer = options.sealer
    this.#clock = options.clock
  }

  /** Asked for in the form of a token, and none of ours, or changed on the way. */
  get forged(): number {
    return this.#forged
  }

  /**
   * `null`: nobody of ours. A token proves itself, so its domain is not asked for: one that was removed may still have mail
   * coming back.
   */
  read(mailbox: Mailbox): InboundAddress | null {
    const domain = domainOf(mailbox)
    const local = mailbox.slice(0, mailbox.length - domain.length - 1)
    const token = this.#sealer.open(local, this.#clock.now())
    if (token.kind === 'token') return { kind: 'token', mailbox, token }
    if (TOKEN_WORD.test(local)) this.#forged++
    const role = roles.get(local.toLowerCase())
    return role !== undefined && this.#names().has(domain) ? { kind: 'role', mailbox, role } : null
  }

  #names(): ReadonlySet<Domain> {
    const directory = this.#directory()
    if (this.#domains?.of === directory) return this.#domains.names
    const domains = [...directory.domains.values()]
    const names = new Set([
      this.#hostname as Domain,
      ...domains.flatMap(({ name, returnPathDomain }) => [name, returnPathDomain]),
    ])
    this.#domains = { of: directory, names }
    return names
  }
}
