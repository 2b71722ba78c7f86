// SPDX-License-Identifier: Apache-2.0
/** All rules, in their order: the first that holds decides. */
import type { RuleSet } from '../classifier.ts'
import { enhancedCodes } from './enhanced-codes.ts'
import { providerRules } from './provider-rules.ts'
import { wordsInGeneral } from './words-in-general.ts'
import { wordsOfAddress } from './words-of-address.ts'
import { wordsOfContent } from './words-of-content.ts'
import { wordsOfNetwork } from './words-of-network.ts'
import { wordsOfPath } from './words-of-path.ts'
import { wordsOfPolicy } from './words-of-policy.ts'
import { wordsOfRecipient } from './words-of-recipient.ts'

export const shippedRules: RuleSet = {
  provider: providerRules,
  enhanced: enhancedCodes,
  words: [
    ...wordsOfPolicy,
    ...wordsOfPath,
    ...wordsOfRecipient,
    ...wordsOfAddress,
    ...wordsOfContent,
    ...wordsOfNetwork,
    ...wordsInGeneral,
  ],
}
