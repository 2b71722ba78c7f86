// SPDX-License-Identifier: Apache-2.0
/** HTTP over TLS with certificates that are renewed while it listens: each connection gets those in force when it comes. */
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { httpLimits } from '../../base/limits/http-limits.ts'
import type { ServerTls } from '../../smtp/server-tls.ts'

/** `tls` gives what is in force now; `null`: in the clear. `bounds`: where they differ from those of the API. */
export function httpServer(
  tls: (() => ServerTls) | null,
  handler: RequestListener,
  bounds: ServerOptions = {},
): Server {
  const { handshakeTimeoutMs: handshakeTimeout, requestTimeoutMs: requestTimeout } = httpLimits
  const options = { requestTimeout, keepAliveTimeout: httpLimits.keepAliveMs, ...bounds }
  if (tls === null) return createHttpServer(options, handler)
  let known = tls()
  const server = createHttpsServer(
    {
      ...options,
      ...known.usual,
      handshakeTimeout,
      // A client of another protocol that was led here does not get through the handshake (ALPACA).
      ALPNProtocols: ['http/1.1'],
      SNICallback: (name, done) => done(null, tls().contextFor(name)),
    },
    handler,
  )
  // Before the server's own listener begins the handshake.
  server.prependListener('connection', () => {
    const now = tls()
    if (now === known) return
    known = now
    server.setSecureContext(now.usual)
  })
  return server
}
