// SPDX-License-Identifier: Apache-2.0
/** Whether a proxy takes us: a connection to it, and its login, but no target. */
import { connect } from 'node:net'
import { type DurationMs, ms } from '../base/brand.ts'
import type { DeadlineWheel } from '../base/deadline-wheel.ts'
import { systemCode } from '../base/errors.ts'
import { SocksNegotiation } from '../protocol/socks5.ts'
import type { EgressHop } from '../queue/egress.ts'
import { loginOf } from './hop.ts'

/** What is wrong, in words; `null`: nothing. Never rejects. */
export function probeHop(
  hop: EgressHop,
  localAddress: string | null,
  wheel: DeadlineWheel,
  timeout: DurationMs,
): Promise<string | null> {
  return new Promise((resolve) => {
    const negotiation = new SocksNegotiation(loginOf(hop))
    const socket = connect({
      host: hop.host,
      port: hop.port,
      ...(localAddress === null ? {} : { localAddress }),
    })
    const end = (why: string | null): void => {
      deadline.end()
      socket.destroy()
      resolve(why)
    }
    const deadline = wheel.deadline(() => end('it does not answer'))
    deadline.set(ms(timeout))
    socket.once('connect', () => {
      if (hop.kind === 'socks5') socket.write(negotiation.start())
      else end(null)
    })
    let input = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      input = Buffer.concat([input, chunk])
      const step = negotiation.read(input)
      if (step.kind === 'ready') end(null)
      else if (step.kind === 'failed') end(step.why)
      else if (step.kind === 'say') {
        input = Buffer.alloc(0)
        socket.write(step.octets)
      }
    })
    socket.on('error', (thrown) => end(systemCode(thrown) ?? thrown.message))
    socket.on('close', () => end('it closed the connection'))
  })
}
