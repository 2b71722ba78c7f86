// SPDX-License-Identifier: Apache-2.0
/** How campaigns stand towards others in ready queues. */
import type { Message } from '../spool/message.ts'

export interface CampaignStanding {
  /** 0–9; 0 is sent first. */
  priorityOf(message: Message): number
  /** Turns while another campaign of its tenant has one. Asked when the first of it comes into a window. */
  weightOf(message: Message): number
}

/** All as their mail says. */
export const usualStanding: CampaignStanding = {
  priorityOf: ({ priority }) => priority,
  weightOf: () => 1,
}
