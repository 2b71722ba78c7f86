// SPDX-License-Identifier: Apache-2.0
/**
 * Talks to a certificate authority: requests signed by an account's key, RFC 8555 §6 and §7, JSON Web Signature with ES256
 * (RFC 7515, RFC 7518 §3.4).
 *
 * Known limits: no external account binding, no revocation, no renewal information (RFC 9773).
 */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { ms, seconds } from '../../base/brand.ts'
import { type Clock, deadlineSignal } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'

/** An object of the authority's: an order, an authorization. */
export interface AcmeResource {
  /** Where it is. */
  readonly url: string
  readonly body: Readonly<Record<string, unknown>>
}

interface Answer extends AcmeResource {
  readonly text: string
  readonly location: string | null
  /** When to ask again. */
  readonly pause: number
}

const REQUEST = seconds(30)
/** A nonce may be refused for no fault of ours (RFC 8555 §6.5). */
const NONCES = 10
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
const POLLS = 60
const LONGEST_ANSWER = 1_048_576

export class AcmeClient {
  readonly #clock: Clock
  readonly #key: KeyObject
  readonly #directory: Readonly<Record<string, unknown>>
  #nonce: string | null = null
  /** The account's URL, once it is known. */
  #account: string | null = null

  /** With an account, made where the key has none. Throws what the authority or the network says. */
  static async open(
    directory: string,
    key: KeyObject,
    contact: string | null,
    clock: Clock,
  ): Promise<AcmeClient> {
    const answer = await ask(directory, { signal: deadlineSignal(clock, REQUEST) })
    if (!answer.ok) throw new Error(`${directory} answers ${answer.status}`)
    const client = new AcmeClient(objectOf(await answer.text()), key, clock)
    await client.#register(contact)
    return client
  }

  private constructor(directory: AcmeResource['body'], key: KeyObject, clock: Clock) {
    this.#directory = directory
    this.#key = key
    this.#clock = clock
  }

  async #register(contact: string | null): Promise<void> {
    const { location } = await this.#post(this.#place('newAccount'), {
      termsOfServiceAgreed: true,
      ...(contact === null ? {} : { contact: [`mailto:${contact}`] }),
    })
    if (location === null) throw new Error('the authority gives the account no URL')
    this.#account = location
  }

  async newOrder(names: readonly string[]): Promise<AcmeResource> {
    const identifiers = names.map((value) => ({ type: 'dns', value }))
    const { location, body } = await this.#post(this.#place('newOrder'), { identifiers })
    if (location === null) throw new Error('the authority gives the order no URL')
    return { url: location, body }
  }

  async read(url: string): Promise<AcmeResource> {
    return await this.#post(url, null)
  }

  async text(url: string): Promise<string> {
    return (await this.#post(url, null)).text
  }

  async tell(url: string, payload: unknown): Promise<AcmeResource> {
    return await this.#post(url, payload)
  }

  /** Asks until the status is none of `waiting`. */
  async settled(url: string, waiting: readonly string[]): Promise<AcmeResource> {
    for (let polls = 0; polls < POLLS; polls++) {
      const answer = await this.#post(url, null)
      if (!waiting.includes(String(answer.body['status']))) return answer
      await this.#clock.sleep(ms(answer.pause))
    }
    throw new Error(`the authority does not come to an end with ${url}`)
  }

  /** What proves to the authority that this account has a token, RFC 8555 §8.1. */
  keyAuthorization(token: string): string {
    const { crv, kty, x, y } = jwkOf(this.#key)
    const thumbprint = createHash('sha256').update(JSON.stringify({ crv, kty, x, y }))
    return `${token}.${thumbprint.digest('base64url')}`
  }

  async #post(url: string, payload: unknown): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const answer = await ask(url, {
        method: 'POST',
        headers: { 'content-type': 'application/jose+json' },
        body: this.#signed(url, payload, await this.#takeNonce()),
        signal: deadlineSignal(this.#clock, REQUEST),
      })
      this.#nonce = answer.headers.get('replay-nonce')
      const text = await answer.text()
      if (text.length > LONGEST_ANSWER) throw new Error(`${url} answers ${text.length} octets`)
      const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '')
      const body = isJson ? objectOf(text) : {}
      if (answer.ok)
        return {
          url,
          body,
          text,
          location: answer.headers.get('location'),
          pause: pauseOf(answer.headers.get('retry-after')),
        }
      const isNonce = body['type'] === 'urn:ietf:params:acme:error:badNonce'
      if (!isNonce || tries === NONCES) throw new Error(problemText(answer.status, body))
    }
  }

  async #takeNonce(): Promise<string> {
    const kept = this.#nonce
    this.#nonce = null
    if (kept !== null) return kept
    const url = this.#place('newNonce')
    const signal = deadlineSignal(this.#clock, REQUEST)
    const answer = await ask(url, { method: 'HEAD', signal })
    const nonce = answer.headers.get('replay-nonce')
    if (nonce === null) throw new Error(`${url} gives no nonce`)
    return nonce
  }

  #place(name: string): string {
    const url = this.#directory[name]
    if (typeof url !== 'string') throw new Error(`the authority's directory has no ${name}`)
    return url
  }

  #signed(url: string, payload: unknown, nonce: string): string {
    const who = this.#account === null ? { jwk: jwkOf(this.#key) } : { kid: this.#account }
    const head = encoded(JSON.stringify({ alg: 'ES256', nonce, url, ...who }))
    const body = payload === null ? '' : encoded(JSON.stringify(payload))
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), {
      key: this.#key,
      dsaEncoding: 'ieee-p1363',
    })
    return JSON.stringify({
      protected: head,
      payload: body,
      signature: signature.toString('base64url'),
    })
  }
}

/** What the library says of a failure is in its cause. */
async function ask(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown
    throw new Error(`${url} cannot be asked: ${messageOf(cause)}`, { cause: thrown })
  }
}

function jwkOf(key: KeyObject) {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: 'jwk' })
  return { crv, kty, x, y }
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed === 'object' && parsed !== null) return { ...parsed }
  throw new Error('the authority answers no object')
}

/** RFC 7807. */
function problemText(status: number, body: AcmeResource['body']): string {
  return `the authority refuses with ${status} ${body['type'] ?? ''}: ${body['detail'] ?? 'no reason'}`
}

function pauseOf(retryAfter: string | null): number {
  const said = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : FIRST_PAUSE_MS
  return Math.min(Math.max(said, FIRST_PAUSE_MS), LONGEST_PAUSE_MS)
}
