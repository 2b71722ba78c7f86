// SPDX-License-Identifier: Apache-2.0
/** Both property suites, and what each says of how far it went. */
import type { IAsyncProperty } from 'fast-check'
import { clientProperty } from './client-property.ts'
import { type Tally, watchClient, watchServer } from './machine-watch.ts'
import { serverProperty } from './server-property.ts'

export interface Suite {
  readonly property: IAsyncProperty<[unknown]>
  /** Looks on from now. */
  watch(): Tally
  /** What the tally counts. */
  readonly counted: string
  /** The files that it is about. */
  readonly files: readonly string[]
}

export const suites = {
  server: {
    property: serverProperty as IAsyncProperty<[unknown]>,
    watch: watchServer,
    counted: 'commands in states',
    files: [
      'protocol/smtp/server-session.ts',
      'protocol/smtp/server-login.ts',
      'protocol/smtp/command.ts',
      'protocol/smtp/content-reader.ts',
      'smtp/server-connection.ts',
      'smtp/server-content.ts',
      'smtp/server-socket.ts',
      'smtp/server-transfer.ts',
      'smtp/input-buffer.ts',
    ],
  },
  client: {
    property: clientProperty as IAsyncProperty<[unknown]>,
    watch: watchClient,
    counted: 'replies at stages',
    files: [
      'protocol/smtp/client-transaction.ts',
      'protocol/smtp/reply-reader.ts',
      'protocol/smtp/extensions.ts',
      'smtp/client-connection.ts',
      'smtp/client-content.ts',
      'smtp/client-dial.ts',
      'smtp/client-exchange.ts',
      'smtp/client-session.ts',
    ],
  },
} as const satisfies Record<string, Suite>

export type SuiteName = keyof typeof suites
