// SPDX-License-Identifier: Apache-2.0
/** Where other servers bring what comes back: an SMTP server in front of the hub. Nobody authenticates, and nothing is relayed. */
import { type ListenerOptions, SmtpServer } from '../smtp/server.ts'
import { type InboundContext, InboundHandler } from './inbound-handler.ts'

export function inboundListener(
  options: ListenerOptions,
  context: InboundContext,
): SmtpServer<never> {
  const offersTls = () => options.tls() !== null
  return new SmtpServer({
    ...options,
    open: (address, mayClaimClient) =>
      new InboundHandler(context, { address, mayClaimClient }, offersTls),
  })
}
