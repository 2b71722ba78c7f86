// SPDX-License-Identifier: Apache-2.0
/** A receiver that keeps the rules and remembers what it took. */
import { type Manners, polite, type SeenTransaction } from './polite-script.ts'
import { ScriptedReceiver } from './scripted-receiver.ts'

export class PoliteReceiver implements AsyncDisposable {
  readonly #receiver: ScriptedReceiver
  /** In the order in which they were taken. */
  readonly seen: SeenTransaction[]

  static async start(manners: Omit<Manners, 'take'> = {}): Promise<PoliteReceiver> {
    const seen: SeenTransaction[] = []
    const take = (one: SeenTransaction) => {
      seen.push(one)
      return '250 2.6.0 Queued as 7'
    }
    return new PoliteReceiver(await ScriptedReceiver.start(polite({ ...manners, take })), seen)
  }

  private constructor(receiver: ScriptedReceiver, seen: SeenTransaction[]) {
    this.#receiver = receiver
    this.seen = seen
  }

  get port(): number {
    return this.#receiver.port
  }

  /** The first transaction whose first recipient has `part` in it. */
  sentTo(part: string): SeenTransaction | undefined {
    return this.seen.find(({ rcpt }) => rcpt[0]?.includes(part))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#receiver[Symbol.asyncDispose]()
  }
}
