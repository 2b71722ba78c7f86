// SPDX-License-Identifier: Apache-2.0
/**
 * Who makes a request of the API: the owner of its key, else the person whose session its cookie names. Who brings many wrong
 * keys is not heard for a while, also with a right one, unless that one was good from there before.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { GuessNotice, type OnGuessing } from '../../accept/logins/guess-notice.ts'
import { LoginGuard } from '../../accept/logins/login-guard.ts'
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import { keyGuardLimits } from '../../base/limits/login-limits.ts'
import type { PersonSessions } from '../../control/people/person-sessions.ts'
import type { Directory } from '../../records/directory.ts'
import { peerAddress, peerNetwork } from '../../smtp/peer-address.ts'
import type { ApiContext } from './api-context.ts'
import { authenticate, keyIdIn } from './authentication.ts'
import {
  type Browser,
  checkIsPrivate,
  checkOrigin,
  cookieIn,
  cookieText,
  SESSION_COOKIE,
} from './browser.ts'
import type { Caller } from './caller.ts'
import type { AnyRoute } from './route.ts'

export type CallerOf = (route: AnyRoute, request: FastifyRequest) => Promise<Caller>

export interface IdentificationParts {
  readonly directory: () => Directory
  readonly sessions: PersonSessions
  readonly clock: Clock
  readonly onGuessing: OnGuessing
  readonly uses: ApiContext['uses']
}

export class Identification {
  readonly #parts: IdentificationParts
  readonly #guard: LoginGuard
  readonly #notice: GuessNotice
  /** Asked several times in the course of a request. */
  readonly #known = new WeakMap<FastifyRequest, Promise<Caller>>()

  constructor(parts: IdentificationParts) {
    this.#parts = parts
    this.#guard = new LoginGuard(parts.clock, keyGuardLimits)
    this.#notice = new GuessNotice(parts.clock, parts.onGuessing)
  }

  /** Rejects with `RLY_UNAUTHENTICATED`, or `RLY_FORBIDDEN` for what another site may have made. */
  callerOf(route: AnyRoute, request: FastifyRequest): Promise<Caller> {
    const known = this.#known.get(request) ?? this.#identify(route, request)
    this.#known.set(request, known)
    return known
  }

  async #identify(route: AnyRoute, request: FastifyRequest): Promise<Caller> {
    const address = peerAddress(request.ip)
    const { authorization } = request.headers
    if (route.needs === 'nothing') {
      if (!route.isNavigation) checkOrigin(request)
      checkIsPrivate(request)
      return { kind: 'nobody', address }
    }
    const { sessions } = this.#parts
    const cookie = cookieIn(request.headers, SESSION_COOKIE)
    if (authorization !== undefined || cookie === null)
      return this.#authenticate(authorization, request.ip)
    checkOrigin(request)
    checkIsPrivate(request)
    const own = await sessions.find(cookie, address)
    if (own === null)
      throw new RelayError('RLY_UNAUTHENTICATED', 'this session has ended, or never was: log in')
    return { kind: 'person', own, address }
  }

  #authenticate(authorization: string | undefined, address: string): Caller {
    const { clock, directory } = this.#parts
    if (authorization === undefined)
      return authenticate({ authorization, address }, directory(), clock.now())
    const guesser = { network: peerNetwork(address), credential: keyIdIn(authorization) }
    if (this.#guard.wait(guesser) === null) throw tooManyWrong()
    try {
      const caller = authenticate({ authorization, address }, directory(), clock.now())
      this.#guard.succeeded(guesser)
      if (caller.kind === 'key') this.#parts.uses.note(caller.key.id, caller.address)
      return caller
    } catch (thrown) {
      // A key that is not good here.
      if (this.#guard.failed(guesser)) this.#tell(address)
      throw thrown
    }
  }

  #tell(address: string): void {
    const { failureMs, freeFailures } = keyGuardLimits
    this.#notice.tell(
      `keys of the API are guessed from ${peerAddress(address)}`,
      `${freeFailures} wrong ones within ${(freeFailures * failureMs) / 1_000} s; further ones are not heard`,
      null,
    )
  }
}

function tooManyWrong(): RelayError {
  const retryAfterSeconds = keyGuardLimits.failureMs / 1_000
  return new RelayError(
    'RLY_RATE_LIMITED',
    `too many wrong keys came from here; the next is heard in ${retryAfterSeconds} s`,
    { retryAfterSeconds },
  )
}

export function browserOf(request: FastifyRequest, reply: FastifyReply): Browser {
  return {
    address: peerAddress(request.ip),
    userAgent: request.headers['user-agent'] ?? '',
    query: request.url.replace(/^[^?]*\??/, ''),
    cookie: (name) => cookieIn(request.headers, name),
    setCookie: (name, value, site) => reply.header('set-cookie', cookieText(name, value, site)),
  }
}
