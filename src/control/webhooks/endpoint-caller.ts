// SPDX-License-Identifier: Apache-2.0
/**
 * One POST to an endpoint, and what came of it, as a value. It is connected to an address that the guard has judged and to nothing
 * else: no proxy, no redirect. Whoever answers without an end, slowly or not at all costs one connection until the deadline.
 */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import { type DurationMs, ms, seconds } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf, systemCode } from '../../base/errors.ts'
import { callLimits } from '../../base/limits/webhook-limits.ts'
import type { AddressGuard } from './address-guard.ts'

export type EndpointAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      /** The beginning of the body. */
      readonly text: string
      readonly retryAfter: DurationMs | null
    }
  | EndpointFailure

/** No answer: why, in a sentence. */
export interface EndpointFailure {
  readonly kind: 'failed'
  readonly why: string
}

export interface EndpointRequest {
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A connection that nobody uses is closed then. */
const IDLE_MS = 20_000

export class EndpointCaller {
  readonly #guard: AddressGuard
  readonly #clock: Clock
  readonly #agents: { readonly 'http:': HttpAgent; readonly 'https:': HttpsAgent }

  /** `authorities`: PEM, trusted beside the well-known ones; `null`: no others. */
  constructor(guard: AddressGuard, clock: Clock, authorities: string | null = null) {
    this.#guard = guard
    this.#clock = clock
    const kept = { keepAlive: true, maxFreeSockets: 1, timeout: IDLE_MS }
    const ca = authorities === null ? {} : { ca: [...rootCertificates, authorities] }
    this.#agents = { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent({ ...kept, ...ca }) }
  }

  /** Never rejects. */
  async call(asked: EndpointRequest, signal: AbortSignal): Promise<EndpointAnswer> {
    const url = new URL(asked.url)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const isClear = url.protocol === 'http:'
    // A literal is connected to without a look-up.
    const found = isLiteral(url) ? await this.#guard.find(host, isClear) : null
    if (found?.kind === 'none') return { kind: 'failed', why: found.why }
    return new Promise((resolve) => this.#post(asked, url, signal, resolve))
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  #post(
    { body, fields, url: asked }: EndpointRequest,
    url: URL,
    signal: AbortSignal,
    resolve: (answer: EndpointAnswer) => void,
  ): void {
    const isClear = url.protocol === 'http:'
    const request = (isClear ? httpRequest : httpsRequest)(url, {
      method: 'POST',
      agent: this.#agents[isClear ? 'http:' : 'https:'],
      headers: { ...fields, 'content-type': 'application/json', 'content-length': body.length },
      lookup: this.#lookup(isClear),
      signal,
    })
    let response: IncomingMessage | null = null
    const kept: Buffer[] = []
    let isOver = false
    const end = (why: string): void => {
      if (isOver) return
      isOver = true
      timer.cancel()
      resolve(response === null ? { kind: 'failed', why } : answerOf(response, kept))
      // What is left of the answer is nobody's business.
      if (response?.complete !== true) request.destroy()
    }
    const timer = this.#clock.after(ms(callLimits.answerMs), () =>
      end(`no answer within ${callLimits.answerMs / 1_000} s`),
    )
    request.once('response', (incoming) => {
      response = incoming
      let octets = 0
      incoming.on('data', (chunk: Buffer) => {
        if (octets < callLimits.keptAnswerOctets) kept.push(chunk)
        octets += chunk.length
        if (octets > callLimits.readAnswerOctets) end('')
      })
      incoming.once('close', () => end(''))
    })
    request.once('close', () => end('the connection was closed without an answer'))
    request.once('error', (thrown) => {
      // A connection that was kept, and that the endpoint closed meanwhile: another one is as good.
      const isStale = request.reusedSocket && systemCode(thrown) === 'ECONNRESET'
      if (!isStale || response !== null || isOver) return end(messageOf(thrown))
      isOver = true
      timer.cancel()
      this.#post({ body, fields, url: asked }, url, signal, resolve)
    })
    request.end(body)
  }

  #lookup(isClear: boolean): LookupFunction {
    return (host, options, done) => {
      this.#guard.find(host, isClear).then(
        (found) => {
          if (found.kind === 'none') return done(new Error(found.why), [])
          const wanted = found.addresses.filter(
            ({ family }) => !options.family || family === options.family,
          )
          const [first] = wanted
          if (first === undefined) return done(new Error(`${host} has no such address`), [])
          if (options.all) return done(null, [...wanted])
          return done(null, first.address, first.family)
        },
        (thrown: Error) => done(thrown, []),
      )
    }
  }
}

function isLiteral({ hostname }: URL): boolean {
  return hostname.startsWith('[') || /^[\d.]+$/.test(hostname)
}

function answerOf(response: IncomingMessage, kept: readonly Buffer[]): EndpointAnswer {
  const octets = Buffer.concat(kept).subarray(0, callLimits.keptAnswerOctets)
  return {
    kind: 'answered',
    status: response.statusCode ?? 0,
    text: octets.toString(),
    retryAfter: retryAfterOf(response.headers['retry-after']),
  }
}

/** Seconds alone (RFC 9110 §10.2.3): a date is not worth a second clock. */
function retryAfterOf(field: string | undefined): DurationMs | null {
  if (field === undefined || !/^\d{1,9}$/.test(field)) return null
  return ms(Math.min(seconds(Number(field)), callLimits.retryAfterMs))
}
