// SPDX-License-Identifier: Apache-2.0
/** What a report says of the mail that it is about, as a message of the channel. */
import { z } from 'zod'
import { reportEvent } from '../../events/event.ts'
import type { ReportedMail } from '../../feedback/reported-mail.ts'

export const sentMailFields = z.object({
  kind: reportEvent.shape.kind,
  recipient: z.string(),
  fromDomain: z.string().nullable(),
  headerMessageId: z.string().nullable(),
  date: z.number().nullable(),
} satisfies Record<keyof ReportedMail, z.ZodType>)
