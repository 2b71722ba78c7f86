// SPDX-License-Identifier: Apache-2.0
/** Words about the address: nobody of that name, no such domain, a form that is wrong, or a mailbox that is not for us. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfAddress: readonly PhraseRule[] = [
  {
    name: 'closed-recipient',
    class: 'closed-recipient',
    says: phrases(`
      not authorized to send to | not authorised to send to | not allowed to send to
      not permitted to send to | not allowed to post | not authorized to post | permission to post
      post messages to the group | posting to + group | only accepts mail from
      only accepts messages from | restricted to | delivery restricted | recipient + restricted
      members only | moderated group | your email to group | refused by recipient
      rejected by recipient | rejected by the recipient | rejected by recipients
      rejected by user | recipient has blocked | blocked by recipient
      recipient's blocked senders | blocked by the recipient | manually blocked
      sender is on + block | not on + whitelist | not in + whitelist | not whitelisted
      not on bypass list | challenge response | confirm your message | administrative prohibition
      policy rejection on the target address | refuse to receive mail
    `),
  },
  {
    name: 'null-mx',
    class: 'accepts-no-mail',
    says: phrases(`
      null mx | nullmx* | rfc7505 | rfc 7505 | no smtp service | indicated no smtp service
      does not accept mail | does not accept email | doesn't accept mail | doesn't accept email
      does not receive email | doesn't receive email | no mx record | no mx for | no mx found
      no mx hosts | no valid mx | has no mx | missing mx | without mx | domain + accepts no mail
    `),
    unless: ['sender', 'sender address', 'network'],
  },
  {
    name: 'no-such-domain',
    class: 'no-such-domain',
    says: phrases(`
      host unknown | unknown host | host not found | no such host | domain not found
      domain name not found | domain does not exist | domain + does not exist
      domain doesn't exist | domain + not exist* | domain unknown | unknown domain
      no such domain | invalid domain | bad domain | nonexistent domain | nonexistentdomain*
      non-existent domain | nxdomain | domain is not reachable | domain is invalid
      domain + could not be found | domain + not be found | unable to find domain
      find the recipient domain | recipient domain + not | domain lookup failed
      bad destination system | bad destination host | account or domain may not exist
      tenant or domain not found | unrouteable mail domain | unroutable domain
      unrouteable domain | unroutable mail domain | domain not in dns | domaine + inexistant
      domaine + inconnu | domain unbekannt | dominio + no existe | dominio + inesistente
      dominio + nao existe | домен + не найден | домен + не существует | 域名不存在 | ドメイン + 存在しない
    `),
    unless: phrases(`
      sender | temporar* | try again later | name server
      malformed or unexpected name server reply
    `),
  },
  {
    name: 'no-such-domain-by-name-server',
    class: 'no-such-domain',
    says: phrases(`
      host unknown + name server | host not found + name service error
      host unknown + authoritative answer*
    `),
    unless: ['try again', 'lookup failure'],
  },
  {
    name: 'no-such-mailbox',
    class: 'no-such-mailbox',
    says: phrases(`
      user unknown | unknown user | user not known | unknown recipient | recipient unknown
      unknown mailbox | mailbox unknown | unknown account | unknown address | address unknown
      unknown local part | unknown local-part | unknown localpart | unknown or illegal alias
      unknown alias | unknown virtual user | unknown to | user not found | user is not found
      user name not found | username not found | recipient not found | recipientnotfound
      recipnotfound | mailbox not found | mailbox is not found | account not found
      address not found | addressee unknown | alias not found | email not found
      couldn't be found | could not be found | no such user* | no such recipient | no such mailbox
      no such account | no such address | no such person | no such email | no such alias
      no such id | no such local user | no such local part | no mailbox here | no mail-box here
      no mailbox by that name | no mailbox with that name | no account by that name
      no user by that name | no one by that name | nobody by that name | nobody here
      no valid recipient | no valid recipients | no recipients | doesn't have a + account
      doesn't have an account | does not have an account | does not have a + account
      have an account here | doesn't exist | does not exist | do not exist | not exist
      not exists | non-existent | nonexistent | non existent | non-existing | existing mailbox
      no longer exists | no longer valid | no longer in use | no longer used | no longer available
      no longer with | no longer here | invalid recipient | recipient invalid
      recipient is invalid | invalid mailbox | mailbox invalid | invalid address | invalid user
      invalid account | invalid email | invalid local part | invalid final delivery userid
      invalid alias | not a valid user | not a valid mailbox | not a valid recipient
      not a valid address | not valid recipient | not a known user | not known here | not known at
      is not known | not our customer | not our user | not user of this server | not a user here
      is not a user | no user | not listed in + directory | not listed in + address book
      not listed in public | not in our database | not in recipient table | unable to find
      unavailable mail user | mailbox unavailable | mailbox not available | mailbox is unavailable
      mailbox + is unavailable | undeliverable address | unrouteable address | unroutable address
      unrouteable recipient | recipient unrecognized | unrecognized recipient
      recipient not recognized | recipient not accepted | cannot find user | can not find user
      check if address is correct | check the address | may contain a non-existent account
      recipient does not exist | recipient address does not exist | address does not exist
      dead address | recipient is not exist | utilisateur inconnu | utilisateur inexistant
      destinataire inconnu | destinataire invalide | destinataire + invalide
      destinataire inexistant | adresse inconnue | adresse + invalide | adresse inexistante
      boite inconnue | compte inexistant | n'existe pas | empfanger unbekannt
      unbekannter empfanger | benutzer unbekannt | unbekannter benutzer | adresse unbekannt
      existiert nicht | nicht gefunden | empfanger nicht | usuario desconocido
      usuario inexistente | usuario no existe | destinatario desconocido
      destinatario inexistente | no existe | cuenta inexistente | buzon inexistente
      usuario invalido | usuario nao existe | usuario desconhecido | destinatario desconhecido
      conta inexistente | caixa postal inexistente | nao existe | utente sconosciuto
      utente inesistente | destinatario sconosciuto | casella inesistente | non esiste
      indirizzo + inesistente | gebruiker onbekend | onbekende gebruiker | onbekend adres
      bestaat niet | nie istnieje | nieznany uzytkownik | nieznany adresat | neexistuje
      neznamy uzivatel | nem letezik | ismeretlen felhasznalo | finns inte | okand anvandare
      ukendt bruger | ukjent bruker | tuntematon | kullanici bulunamadi | boyle bir kullanici yok
      пользователь не найден | пользователь не существует | нет такого пользователя
      такого пользователя нет | не существует | адресат не найден | 用户不存在 | 用戶不存在 | 收件人不存在 | 帐号不存在
      账号不存在 | 账户不存在 | 邮箱不存在 | 地址不存在 | 收件地址不存在 | 使用者不存在 | 信箱不存在 | 宛先不明 | 宛先が見つかりません | ユーザーが見つかりません
      ユーザが見つかりません | ユーザーが存在しません | 存在しないユーザ | メールアドレスが存在しません | 존재하지 않는 | 없는 사용자
    `),
    unless: phrases(`
      sender | sender address | domain of sender address | temporarily unavailable | procmail*
      pipe to | unable to find + server
    `),
  },
  {
    name: 'bad-address',
    class: 'bad-address',
    says: phrases(`
      bad address syntax | bad recipient address syntax | bad destination mailbox address syntax
      invalid address syntax | address syntax | malformed recipient | malformed local part
      not a valid rfc-5321 address | not a valid rfc | address is malformed | illegal address
      invalid characters in + address | mailbox name not allowed | bad destination mailbox address
      bad recipient
    `),
    unless: ['sender', 'header', 'this address has been ignored'],
  },
]
