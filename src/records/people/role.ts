// SPDX-License-Identifier: Apache-2.0
/** What people may do: a role is a set of the scopes that keys have, so that there is one rule of who may call what. */
import type { KeyScope } from '../records.ts'

export const roles = ['owner', 'operator', 'sender', 'reader'] as const
export type Role = (typeof roles)[number]

/** `admin` covers all: only owners make keys, see the audit log and decide about people. */
export const scopesOfRole: Readonly<Record<Role, readonly KeyScope[]>> = {
  owner: ['admin'],
  operator: ['read', 'send', 'domains', 'suppressions', 'webhooks', 'setup'],
  sender: ['read', 'send', 'suppressions'],
  reader: ['read'],
}
