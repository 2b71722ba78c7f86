// SPDX-License-Identifier: Apache-2.0
/** Where an authority looks for its tokens: HTTP on port 80 of each name, RFC 8555 §8.3. Listens only while a certificate is ordered. */
import { createServer, type Server } from 'node:http'
import { cannotListen } from '../../base/port-refusal.ts'

const PREFIX = '/.well-known/acme-challenge/'
const HEADERS = 8_192
/** Anybody may call. */
const CONNECTIONS = 100

export class ChallengeServer implements AsyncDisposable {
  readonly #server: Server
  readonly #answers = new Map<string, string>()

  /** Throws `RLY_PORT_IN_USE` where the port cannot be had. */
  static listen(host: string, port: number): Promise<ChallengeServer> {
    const challenges = new ChallengeServer()
    const server = challenges.#server
    return new Promise((resolve, reject) => {
      server.once('error', (thrown) => reject(cannotListen('acme.http', host, port, thrown)))
      server.listen({ host, port }, () => resolve(challenges))
    })
  }

  private constructor() {
    this.#server = createServer({ maxHeaderSize: HEADERS }, (request, answer) => {
      const { url = '' } = request
      const found = url.startsWith(PREFIX) ? this.#answers.get(url.slice(PREFIX.length)) : undefined
      answer.writeHead(found === undefined ? 404 : 200, { 'content-type': 'text/plain' })
      answer.end(found ?? 'Nothing here\n')
    })
    this.#server.maxConnections = CONNECTIONS
  }

  answer(token: string, keyAuthorization: string): void {
    this.#answers.set(token, keyAuthorization)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}
