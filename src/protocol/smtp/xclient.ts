// SPDX-License-Identifier: Apache-2.0
/**
 * What a mail proxy says of its client: the arguments of XCLIENT, as Postfix's XCLIENT_README has them. A value is xtext;
 * `[UNAVAILABLE]` and `[TEMPUNAVAIL]` say that there is none.
 *
 * Known limits: ADDR must be an address, for everything here goes by it. NAME, PORT, DESTADDR and DESTPORT are read and
 * not used. LOGIN is not taken: who submits says so by AUTH.
 */
import { canonicalAddress, isIpv4, isIpv6 } from '../ip-address.ts'
import { decodeXtext, isPrintable } from './xtext.ts'

export interface ClientClaim {
  /** `null`: that of the client before. */
  readonly address: string | null
  /** What it said in HELO or EHLO; `null` where it is not told. */
  readonly helo: string | null
  /** Whether it spoke ESMTP. */
  readonly isExtended: boolean | null
}

export const xclientAttributes = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'DESTADDR', 'DESTPORT']

const UNTOLD = ['[UNAVAILABLE]', '[TEMPUNAVAIL]']
const HELO = /^[\w!#$%&'*+./:=?[\]^`{|}~-]{1,255}$/

/** `null` where an attribute is unknown, wrong, or given twice. */
export function parseXclient(argument: string): ClientClaim | null {
  const attributes = new Map<string, string>()
  for (const word of argument.split(' ').filter((each) => each !== '')) {
    const equals = word.indexOf('=')
    const name = word.slice(0, Math.max(equals, 0)).toUpperCase()
    const value = decodeXtext(word.slice(equals + 1))
    if (!xclientAttributes.includes(name) || attributes.has(name)) return null
    if (value === null || value === '' || !isPrintable(value)) return null
    attributes.set(name, value)
  }
  return attributes.size === 0 ? null : claimOf(attributes)
}

function claimOf(attributes: ReadonlyMap<string, string>): ClientClaim | null {
  const told = (name: string): string | null => {
    const value = attributes.get(name)
    return value === undefined || UNTOLD.includes(value.toUpperCase()) ? null : value
  }
  const proto = told('PROTO')?.toUpperCase() ?? null
  const helo = told('HELO')
  if (proto !== null && proto !== 'SMTP' && proto !== 'ESMTP') return null
  if (helo !== null && !HELO.test(helo)) return null
  const isExtended = proto === null ? null : proto === 'ESMTP'
  const address = attributes.get('ADDR')
  if (address === undefined) return { address: null, helo, isExtended }
  const plain = address.replace(/^IPV6:/i, '')
  if (!isIpv4(plain) && !isIpv6(plain)) return null
  return { address: canonicalAddress(plain), helo, isExtended }
}
