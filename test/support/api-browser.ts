// SPDX-License-Identifier: Apache-2.0
/** A browser with a page of the relay open: keeps its cookies and says where its requests come from. */
import assert from 'node:assert/strict'

export interface Seen {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
  readonly body: any
}

export class ApiBrowser {
  readonly #api: string
  readonly #cookies = new Map<string, string>()
  /** As a browser of today names the page that asks; a test may be a page elsewhere. */
  headers: Readonly<Record<string, string>> = {
    'sec-fetch-site': 'same-origin',
    'x-posthaste-login': '1',
  }

  /** `api`: such as `http://127.0.0.1:8026/api/v1`. */
  constructor(api: string) {
    this.#api = api
  }

  cookie(name: string): string | null {
    return this.#cookies.get(name) ?? null
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value)
  }

  /** Another one that has the same cookies: they were stolen, or copied. */
  copy(): ApiBrowser {
    const other = new ApiBrowser(this.#api)
    for (const [name, value] of this.#cookies) other.setCookie(name, value)
    return other
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Seen> {
    const cookies = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(path.startsWith('http') ? path : this.#api + path, {
      method,
      redirect: 'manual',
      headers: {
        ...this.headers,
        ...(cookies === '' ? {} : { cookie: cookies }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const cookie of answer.headers.getSetCookie()) this.#keep(cookie)
    const isStream = answer.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    if (isStream) await answer.body?.cancel()
    const text = isStream ? '' : await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text.startsWith('{') ? JSON.parse(text) : text,
    }
  }

  /** What must succeed. */
  async must(method: string, path: string, body?: unknown) {
    const seen = await this.ask(method, path, body)
    assert.ok(seen.status < 400, `${method} ${path}: ${seen.status} ${JSON.stringify(seen.body)}`)
    return seen.body
  }

  login(email: string, password: string, more: object = {}): Promise<Seen> {
    return this.ask('POST', '/session', { email, password, ...more })
  }

  #keep(text: string): void {
    const [pair = '', ...attributes] = text.split('; ')
    const [name = '', value = ''] = pair.split('=', 2)
    if (attributes.includes('Max-Age=0')) this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}
