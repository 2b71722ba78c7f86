// SPDX-License-Identifier: Apache-2.0
/**
 * REQUIRETLS (RFC 8689 §4.2.1): such a message goes only to a host whose name is sure (configured, or an MX that DNSSEC
 * vouches for), which proves that name within TLS, and which promises to ask for the same. Else it is bounced at once.
 *
 * Known limits: MTA-STS does not make a name sure yet. The host is the one that delivery has chosen; the others of its
 * domain are not tried.
 */
import { type Reply, reply } from '../../protocol/reply.ts'
import type { ReadyRecipient } from '../../queue/ready-queue.ts'
import type { ClientSession } from '../../smtp/client-session.ts'
import { domainOfQueue } from '../../spool/queue-name.ts'
import type { DeliveryContext } from '../delivery-context.ts'

/** Why a session may not carry a recipient of a message that asks for REQUIRETLS; `null`: it may. */
export async function tlsRefusal(
  { routeOf }: Pick<DeliveryContext, 'routeOf'>,
  { queue }: Pick<ReadyRecipient, 'queue'>,
  { name, tls, extensions }: Pick<ClientSession, 'name' | 'tls' | 'extensions'>,
): Promise<Reply | null> {
  const domain = domainOfQueue(queue)
  const route = await routeOf(domain)
  if (route.kind !== 'site' || !route.isSure)
    return encryptionNeeded(`nothing vouches for the MX records of ${domain}`)
  if (tls === null) return encryptionNeeded(`no TLS with ${name}`)
  if (!tls.verified) return encryptionNeeded(`the certificate of ${name} cannot be verified`)
  return extensions.requireTls
    ? null
    : reply(550, '5.7.30', `${name} does not offer REQUIRETLS, which the message needs`)
}

function encryptionNeeded(why: string): Reply {
  return reply(550, '5.7.10', `The message needs verified TLS (REQUIRETLS): ${why}`)
}
