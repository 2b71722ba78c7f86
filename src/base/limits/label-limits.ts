// SPDX-License-Identifier: Apache-2.0
/** The bounds of what a submitter may label a message with, by HTTP (422) or by its own header fields (550 5.6.0). */
export const labelLimits = {
  tags: 10,
  tagCharacters: 64,
  metadataKeys: 10,
  /** Of a name; of its value. */
  metadataNameCharacters: 64,
  metadataValueCharacters: 500,
  campaignCharacters: 64,
} as const
