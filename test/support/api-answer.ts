// SPDX-License-Identifier: Apache-2.0
/** One request of a program to the API of a relay under test. */

export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** What JSON says, or a text that is none. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the relay says.
  readonly body: any
}

export interface Request {
  readonly method: string
  /** With the scheme. */
  readonly url: string
  /** A text goes as it is, `undefined` not at all, all else as JSON. */
  readonly body?: unknown
  /** Of an API key; `null`: none. */
  readonly secret: string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** Resolves with whatever it says. */
export async function answerTo({ method, url, body, secret, headers }: Request): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(secret !== null && { authorization: `Bearer ${secret}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    body: /^[{[]/.test(text) ? JSON.parse(text) : text,
  }
}
