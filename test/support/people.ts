// SPDX-License-Identifier: Apache-2.0
/** People of a running relay, with passwords that they have set themselves. */
import { ApiBrowser } from './api-browser.ts'
import type { RunningRelay } from './running-relay.ts'

export const PASSWORD = 'correct horse battery staple'

/** `options`: those of `posthaste person add`. Gives the person's id. */
export async function invite(
  relay: RunningRelay,
  email: string,
  ...options: readonly string[]
): Promise<string> {
  const { id, token } = (await relay.json('person', 'add', email, ...options)) as {
    readonly id: string
    readonly token: string
  }
  await new ApiBrowser(relay.api).must('POST', '/session/set-password', {
    token,
    password: PASSWORD,
  })
  return id
}

/** A browser in which they are logged in. */
export async function loggedIn(relay: RunningRelay, email: string): Promise<ApiBrowser> {
  const browser = new ApiBrowser(relay.api)
  await browser.must('POST', '/session', { email, password: PASSWORD })
  return browser
}
