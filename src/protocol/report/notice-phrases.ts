// SPDX-License-Identifier: Apache-2.0
/**
 * Words by which mail systems without a standard say what happened. Each is a phrase that some program writes and people do not
 * write to each other; a new one goes where its meaning is. None names a host, a mailbox or a provider's sentence as a whole.
 */

/** Delivery goes on. Looked for first: such a text often says "could not be delivered" as well. */
export const stillTried: readonly RegExp[] = [
  /\b(?:will|shall)\b[^.]{0,60}\b(?:continue|keep|be (?:re)?tried|retry|re-?attempt|try(?:ing)?)\b/i,
  /\b(?:delivery )?attempts? will (?:continue|be)\b/i,
  /\byou (?:do not|don't) need to (?:resend|do anything)|no action is required on your part\b/i,
  /\bthis is (?:a|an) (?:warning|advisory)\b/i,
  /\b(?:has|have) (?:not yet been|been (?:delayed|postponed|deferred|queued))\b/i,
  /\bnot (?:yet )?been delivered[^.]{0,40}\b(?:for|after) (?:more than )?\d+ ?(?:hours?|minutes?)\b[\s\S]{0,400}\bretr/i,
  /\bdelivery (?:is|has been|was) delayed|message (?:is )?delayed\b/i,
  /\bwird (?:weiter|erneut) versucht|continuera d'essayer|se seguir[áa] intentando/i,
]

/** Delivery is given up, whatever was said of trying before. */
export const givenUp: readonly RegExp[] = [
  /\b(?:giving|given|gave) up\b/i,
  /\bpermanent(?:ly)? (?:fatal )?(?:error|fail)/i,
  /\bno further (?:delivery )?attempts|will not (?:be (?:tried|retried|attempted)|try|retry|continue)\b/i,
  /\b(?:retry|queue|delivery) (?:time ?out|time(?:d)? (?:limit )?(?:exceeded|expired|out))|been in the queue too long\b/i,
]

/** Not delivered. */
export const notDelivered: readonly RegExp[] = [
  /\b(?:could|can|was|were|is|are|has|have|did|would|be)(?: ?not|n't) (?:be |been )?(?:able to (?:be )?)?(?:deliver|sent?\b|reach|forward|accept|complet|process|receiv)/i,
  /\b(?:un(?:able|deliver)|impossible|fail(?:ed|ure|s)?|refus|reject|return|bounc|cannot)\w*\b[^.\n]{0,60}\b(?:deliver|send|message|mail|recipient|address)/i,
  /\b(?:mail|message|delivery|e-?mail)\b[^.\n]{0,60}\b(?:undeliver|fail|reject|refus|returned|bounced|blocked)/i,
  /\b(?:user|recipient|mailbox|account|address|addressee|destinat\w+|host|domain)\b[^.\n]{0,40}\b(?:unknown|not (?:found|exist|listed|valid|known|available|recognized)|does ?n.t exist|doesn't|invalid|disabled|inactive|full|over ?quota|rejected|unavailable|suspended|exceeded)/i,
  /\b(?:unknown|no such|invalid|bad|inexistent)\b[^.\n]{0,20}\b(?:user|recipient|mailbox|account|address|host|domain)/i,
  /\b(?:quota|disk space|mailbox size)\b[^.\n]{0,30}\b(?:exceed|full|over)/i,
  /\bno (?:se (?:ha )?(?:podido|pudo)|pudo|ha sido)[^.\n]{0,30}\b(?:entreg|envi)|\bno existe\b|n'(?:a|ont|existe)[^.\n]{0,40}(?:pas|remis|d[ée]livr)/i,
  /\bnicht (?:zu(?:ge)?stell|ausgeliefert|gefunden|bekannt)|unbekannt|existiert nicht|konnte nicht/i,
  /\bnon (?:[èe] stato|esiste|[èe] possibile|pu[òo])|n[ãa]o (?:foi|existe|p[ôo]de)/i,
  /退信|退回|无法(?:送达|投递|发送)|不存在|投递失败|失败|無法|失敗|届け(?:る|られ)|配信(?:でき|不能|エラー)|送信でき|見つかりません|存在しません|エラー|недостав|не (?:найден|существует|может быть)|배달|전송/u,
]
