// SPDX-License-Identifier: Apache-2.0
/** Who makes a request of the API: the owner of its key, else the person whose session its cookie names. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../base/clock.ts'
import { RelayError } from '../../base/errors.ts'
import type { PersonSessions } from '../../control/people/person-sessions.ts'
import type { Directory } from '../../records/directory.ts'
import { peerAddress } from '../../smtp/peer-address.ts'
import { authenticate } from './authentication.ts'
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
}

export class Identification {
  readonly #parts: IdentificationParts
  /** Asked several times in the course of a request. */
  readonly #known = new WeakMap<FastifyRequest, Promise<Caller>>()

  constructor(parts: IdentificationParts) {
    this.#parts = parts
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
    const { clock, directory, sessions } = this.#parts
    const cookie = cookieIn(request.headers, SESSION_COOKIE)
    if (authorization !== undefined || cookie === null)
      return authenticate({ authorization, address: request.ip }, directory(), clock.now())
    checkOrigin(request)
    checkIsPrivate(request)
    const own = await sessions.find(cookie, address)
    if (own === null)
      throw new RelayError('RLY_UNAUTHENTICATED', 'this session has ended, or never was: log in')
    return { kind: 'person', own, address }
  }
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
