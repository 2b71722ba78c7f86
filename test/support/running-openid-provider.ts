// SPDX-License-Identifier: Apache-2.0
/** An OpenID provider of other people (`oidc-provider`) on loopback, with its own login and consent pages. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import Provider from 'oidc-provider'

/** Claims of each account, by its `sub`. */
export type Accounts = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export const CLIENT_ID = 'posthaste'
export const CLIENT_SECRET = 'a-secret-of-the-client'

export class RunningOpenidProvider implements AsyncDisposable {
  readonly issuer: string
  readonly #server: Server

  static async start(accounts: Accounts, redirectUri: string): Promise<RunningOpenidProvider> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const issuer = `http://127.0.0.1:${port}`
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: [redirectUri],
          response_types: ['code'],
          grant_types: ['authorization_code'],
        },
      ],
      claims: {
        openid: ['sub'],
        email: ['email', 'email_verified'],
        profile: ['name', 'groups'],
      },
      pkce: { required: () => true },
      findAccount: (_context, id) => {
        const claims = accounts[id]
        return claims && { accountId: id, claims: async () => ({ sub: id, ...claims }) }
      },
    })
    server.on('request', provider.callback())
    return new RunningOpenidProvider(issuer, server)
  }

  private constructor(issuer: string, server: Server) {
    this.issuer = issuer
    this.#server = server
  }

  /** What a person does there who comes to `location`: logs in as `account`, agrees. Gives where they are sent at last. */
  async visit(location: string, account: string): Promise<URL> {
    const cookies = new Map<string, string>()
    let next: string = location
    let form: URLSearchParams | null = null
    for (let step = 0; step < 20; step++) {
      if (!next.startsWith(this.issuer)) return new URL(next)
      const answer: Response = await fetch(next, {
        ...(form === null ? {} : { method: 'POST', body: form }),
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      })
      for (const text of answer.headers.getSetCookie()) {
        const [name = '', value = ''] = (text.split(';', 1)[0] ?? '').split('=', 2)
        cookies.set(name, value)
      }
      const to = answer.headers.get('location')
      const page = await answer.text()
      form = null
      if (to !== null) next = new URL(to, next).href
      else if (/name="prompt" value="login"/.test(page)) {
        form = new URLSearchParams({ prompt: 'login', login: account, password: 'any' })
        next = actionOf(page, next)
      } else if (/name="prompt" value="consent"/.test(page)) {
        form = new URLSearchParams({ prompt: 'consent' })
        next = actionOf(page, next)
      } else throw new Error(`the provider shows ${answer.status} ${page.slice(0, 500)}`)
    }
    throw new Error(`the provider never sends anybody back from ${next}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

function actionOf(page: string, base: string): string {
  return new URL(/<form[^>]* action="([^"]+)"/.exec(page)?.[1] ?? '', base).href
}
