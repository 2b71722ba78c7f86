// SPDX-License-Identifier: Apache-2.0
/**
 * Who sent a mail that came in, as far as the DNS can prove it: SPF, DKIM, DMARC. Asked before the 250, since it says whether a
 * report counts. All of it ends within `feedbackLimits.authenticationMs`: what has no answer by then is a temporary error.
 */
import { ms } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { feedbackLimits } from '../base/limits/feedback-limits.ts'
import type { Answer, Resolver } from '../dns/resolver.ts'
import type { Authentication } from '../events/authentication.ts'
import { type DkimVerdict, verifyDkim } from '../protocol/dkim/verify.ts'
import { type DmarcVerdict, evaluateDmarc } from '../protocol/dmarc/evaluate.ts'
import { domainOf } from '../protocol/mailbox.ts'
import { parseAddressList } from '../protocol/message/address-list.ts'
import type { LooseFields } from '../protocol/message/loose-fields.ts'
import { checkHost, type SpfResolver } from '../protocol/spf/check-host.ts'

export interface SentMail {
  readonly octets: Buffer
  readonly header: LooseFields
  /** Of the host that brought it, without port. */
  readonly peer: string
  readonly helo: string
  /** Empty for the null reverse-path. */
  readonly reversePath: string
}

export interface AuthenticationContext {
  readonly resolver: Pick<Resolver, 'addresses' | 'mx' | 'ptr' | 'txt'>
  readonly clock: Clock
  readonly hostname: string
}

export async function authenticate(
  { resolver, clock, hostname }: AuthenticationContext,
  mail: SentMail,
): Promise<Authentication> {
  const dns = new PatientResolver(resolver)
  const timer = clock.after(ms(feedbackLimits.authenticationMs), () => dns.giveUp())
  const now = clock.now()
  const lookUp = async (name: string) => {
    const answer = await dns.txt(name)
    if (answer.kind === 'failed') return null
    return answer.kind === 'found' ? answer.records : []
  }
  try {
    const [spf, dkim] = await Promise.all([
      checkHost(dns, {
        address: mail.peer,
        sender: mail.reversePath,
        helo: mail.helo,
        receiver: hostname,
        now: Math.floor(now / 1_000),
      }),
      verifyDkim(mail.octets, lookUp, now),
    ])
    const sender = mail.reversePath === '' ? mail.helo : mail.reversePath.replace(/^.*@/s, '')
    const author = authorOf(mail.header)
    const dmarc = await evaluateDmarc(lookUp, {
      author,
      signers: signersIn(dkim),
      sender: spf.result === 'pass' ? sender.toLowerCase() : null,
    })
    return asEvent(author, spf.result, dkim, dmarc)
  } finally {
    timer.cancel()
  }
}

function asEvent(
  author: string | null,
  spf: Authentication['spf'],
  dkim: readonly DkimVerdict[],
  dmarc: DmarcVerdict,
): Authentication {
  return { from: author, spf, dkim: [...dkim], dmarc: dmarc.result, policy: dmarc.policy }
}

export function signersIn(dkim: readonly DkimVerdict[]): readonly string[] {
  return dkim.flatMap(({ result, domain }) => (result === 'pass' && domain !== null ? domain : []))
}

/** The domain of the only author. */
function authorOf(header: LooseFields): string | null {
  const [from, ...more] = header.all('from')
  if (from === undefined || more.length > 0) return null
  const domains = new Set(parseAddressList(from, 10).mailboxes.map(domainOf))
  const [domain, ...others] = domains
  return domain === undefined || others.length > 0 ? null : domain
}

/** Has an answer to everything once patience is at its end. */
class PatientResolver implements SpfResolver {
  readonly #resolver: AuthenticationContext['resolver']
  readonly #end = Promise.withResolvers<{ readonly kind: 'failed'; readonly text: string }>()

  constructor(resolver: AuthenticationContext['resolver']) {
    this.#resolver = resolver
  }

  giveUp(): void {
    this.#end.resolve({ kind: 'failed', text: 'no answer in time' })
  }

  txt(name: string) {
    return this.#patiently(this.#resolver.txt(name))
  }

  addresses(name: string, family: 4 | 6) {
    return this.#patiently(this.#resolver.addresses(name, family))
  }

  mx(name: string) {
    return this.#patiently(this.#resolver.mx(name as Parameters<Resolver['mx']>[0]))
  }

  ptr(address: string) {
    return this.#patiently(this.#resolver.ptr(address))
  }

  #patiently<T>(asked: Promise<Answer<T>>): Promise<Answer<T>> {
    return Promise.race([asked, this.#end.promise])
  }
}
