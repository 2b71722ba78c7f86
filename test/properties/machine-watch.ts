// SPDX-License-Identifier: Apache-2.0
/**
 * Looks on while machines move: which commands met which state, and that no step leaves its table. By standing between
 * a machine and whoever calls it, so that the product needs no hook.
 */

import {
  TransactionMachine,
  type TransactionStage,
} from '../../src/protocol/smtp/client-transaction.ts'
import { parseCommand, type Verb } from '../../src/protocol/smtp/command.ts'
import { type CommandState, commandOrder } from '../../src/protocol/smtp/command-order.ts'
import { ServerSession } from '../../src/protocol/smtp/server-session.ts'
import { isCommandState, sessionTransitions } from '../../src/protocol/smtp/session-state.ts'

export class Tally {
  readonly counts = new Map<string, number>()
  readonly #possible: readonly string[]

  constructor(possible: readonly string[]) {
    this.#possible = possible
    for (const name of possible) this.counts.set(name, 0)
  }

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
  }

  get seen(): string {
    const missing = this.#possible.filter((name) => this.counts.get(name) === 0)
    const seen = this.#possible.length - missing.length
    const never = missing.length === 0 ? '' : `; never: ${missing.join(', ')}`
    return `${seen} of ${this.#possible.length}${never}`
  }
}

const states: readonly CommandState[] = ['greeted', 'ready', 'mail', 'rcpt', 'chunks']
const verbs = [...(Object.keys(commandOrder) as Verb[]), 'FAULT'] as const
const stages: readonly TransactionStage[] = ['rset', 'mail', 'rcpt', 'data', 'content']

/** Every command in every state, and lines of a login. */
export function watchServer(): Tally {
  const tally = new Tally([
    ...states.flatMap((at) => verbs.map((verb) => `${verb} in ${at}`)),
    'a line in login',
  ])
  const { line } = ServerSession.prototype
  ServerSession.prototype.line = function watched(octets) {
    const from = this.state.kind
    const effect = line.call(this, octets)
    const to = this.state.kind
    const allowed: readonly string[] = sessionTransitions[from]
    if (from !== to && !allowed.includes(to)) throw new Error(`${from} was left for ${to}`)
    tally.add(
      isCommandState(from) ? `${parseCommand(octets).verb} in ${from}` : `a line in ${from}`,
    )
    return effect
  }
  return tally
}

/** Every class of reply at every stage; a transaction never goes back. */
export function watchClient(): Tally {
  const classes = ['2yz', '3yz', '4yz', '5yz', '421']
  const tally = new Tally(stages.flatMap((stage) => classes.map((one) => `${one} at ${stage}`)))
  const order: readonly string[] = [...stages, 'done']
  const { take } = TransactionMachine.prototype
  TransactionMachine.prototype.take = function watched(answer) {
    const from = this.stage
    const step = take.call(this, answer)
    if (order.indexOf(this.stage) < order.indexOf(from))
      throw new Error(`${from} was left for ${this.stage}`)
    const kind = answer.code === 421 ? '421' : `${Math.floor(answer.code / 100)}yz`
    tally.add(`${kind} at ${from}`)
    return step
  }
  return tally
}
