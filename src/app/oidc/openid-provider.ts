// SPDX-License-Identifier: Apache-2.0
/**
 * An OpenID provider, by the client library of others (OpenID Connect Core 1.0 with discovery, authorization code flow, PKCE,
 * state and nonce). What the provider says of itself is asked once an hour; its keys are kept by the library. The library is
 * loaded at the first login.
 */
import type * as openid from 'openid-client'
import { hours } from '../../base/brand.ts'
import type { Clock } from '../../base/clock.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import { oidcLimits } from '../../base/limits/login-limits.ts'
import type { Log } from '../../base/log.ts'
import type {
  IdentityProvider,
  OidcChecks,
  ProvenIdentity,
} from '../../control/people/identity-provider.ts'
import { readPassword } from '../password-file.ts'

export interface OpenidSettings {
  readonly issuer: string
  readonly clientId: string
  /** `null`: a public client; PKCE alone proves it. */
  readonly clientSecretFile: string | null
  readonly scopes: readonly string[]
  /** Name of the claim with the groups of a person. */
  readonly groupsClaim: string
  /** Where the provider sends browsers back. */
  readonly redirectUri: string
}

const KNOWN_FOR = hours(1)

type Library = typeof openid

export class OpenidProvider implements IdentityProvider {
  readonly #settings: OpenidSettings
  readonly #clock: Clock
  readonly #log: Log
  #known: { readonly at: number; readonly configuration: openid.Configuration } | null = null

  constructor(settings: OpenidSettings, clock: Clock, log: Log) {
    this.#settings = settings
    this.#clock = clock
    this.#log = log
  }

  async begin(): Promise<{ readonly location: string; readonly checks: OidcChecks }> {
    const { library, configuration } = await this.#ready()
    const checks = {
      state: library.randomState(),
      nonce: library.randomNonce(),
      codeVerifier: library.randomPKCECodeVerifier(),
    }
    const { redirectUri, scopes } = this.#settings
    const location = library.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(checks.codeVerifier),
      code_challenge_method: 'S256',
    })
    return { location: location.href, checks }
  }

  async finish(query: string, checks: OidcChecks): Promise<ProvenIdentity> {
    const { library, configuration } = await this.#ready()
    try {
      const tokens = await library.authorizationCodeGrant(
        configuration,
        new URL(`${this.#settings.redirectUri}?${query}`),
        {
          expectedState: checks.state,
          expectedNonce: checks.nonce,
          pkceCodeVerifier: checks.codeVerifier,
          idTokenExpected: true,
        },
      )
      const claims = tokens.claims()
      if (claims === undefined) throw new Error('the answer has no ID token')
      const more = await this.#userInfo(library, configuration, tokens.access_token, claims)
      return this.#identityOf(claims.iss, claims.sub, { ...more, ...claims })
    } catch (thrown) {
      // A code that is no good, a signature, a nonce, a provider that is away: all of it means no login.
      this.#log.warn({ error: messageOf(thrown) }, 'a login over OIDC has failed')
      throw new RelayError(
        'RLY_UNAUTHENTICATED',
        'the OpenID provider did not confirm this login: begin again',
        { cause: thrown },
      )
    }
  }

  /** What the ID token leaves out, where the provider has it. */
  async #userInfo(
    library: Library,
    configuration: openid.Configuration,
    accessToken: string,
    claims: openid.IDToken,
  ): Promise<Readonly<Record<string, unknown>>> {
    const isWhole =
      claims['email'] !== undefined && claims[this.#settings.groupsClaim] !== undefined
    if (isWhole || configuration.serverMetadata().userinfo_endpoint === undefined) return {}
    return await library.fetchUserInfo(configuration, accessToken, claims.sub)
  }

  #identityOf(
    issuer: string,
    subject: string,
    claims: Readonly<Record<string, unknown>>,
  ): ProvenIdentity {
    const { email, email_verified: isVerified, name } = claims
    const groups = claims[this.#settings.groupsClaim]
    return {
      issuer,
      subject,
      email: typeof email === 'string' && isVerified === true ? email.toLowerCase() : null,
      name: typeof name === 'string' && name !== '' ? name : null,
      groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
    }
  }

  async #ready(): Promise<{ library: Library; configuration: openid.Configuration }> {
    const library = await import('openid-client')
    const now = this.#clock.monotonic()
    if (this.#known !== null && now - this.#known.at < KNOWN_FOR)
      return { library, configuration: this.#known.configuration }
    try {
      const configuration = await this.#discover(library)
      this.#known = { at: now, configuration }
      return { library, configuration }
    } catch (thrown) {
      // Away, or none: said to the operator; people are told to come later.
      this.#log.warn(
        { error: messageOf(thrown), issuer: this.#settings.issuer },
        'the OpenID provider cannot be asked',
      )
      throw new RelayError('RLY_BUSY', 'the OpenID provider does not answer; try again soon', {
        cause: thrown,
      })
    }
  }

  #discover(library: Library): Promise<openid.Configuration> {
    const { clientId, clientSecretFile, issuer } = this.#settings
    const secret = clientSecretFile === null ? null : readPassword(clientSecretFile)
    const isHere = issuer.startsWith('http:')
    return library.discovery(
      new URL(issuer),
      clientId,
      undefined,
      secret === null ? library.None() : library.ClientSecretBasic(secret),
      {
        timeout: oidcLimits.timeoutS,
        // The configuration allows it for this host alone.
        ...(isHere && { execute: [library.allowInsecureRequests] }),
      },
    )
  }
}
