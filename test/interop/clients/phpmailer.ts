// SPDX-License-Identifier: Apache-2.0
/** PHPMailer, whose own composer is bypassed so that the octets are ours. */
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/finished-program.ts'
import { gapsIn } from '../gap.ts'
import { type ClientPeer, modes } from './client.ts'

const LIBRARY = 'usr/share/php/libphp-phpmailer'

const SCRIPT = `<?php
[$_, $library, $arguments] = $argv;
foreach (['Exception', 'SMTP', 'PHPMailer'] as $name) require "$library/src/$name.php";
class Composed extends PHPMailer\\PHPMailer\\PHPMailer {
    public $content;
    public function preSend() {
        // What it writes ends in a line end of its own.
        [$header, $body] = explode("\\r\\n\\r\\n", substr($this->content, 0, -2), 2);
        $this->MIMEHeader = $header;
        $this->MIMEBody = $body;
        return true;
    }
}
$a = json_decode(file_get_contents($arguments), true);
// What is a good address, the server decides.
Composed::$validator = fn($address) => true;
$mail = new Composed(true);
$mail->isSMTP();
$mail->Host = 'localhost';
$mail->Port = $a['port'];
$mail->Helo = 'client.example';
$mail->SMTPAutoTLS = false;
$mail->SMTPSecure = ['clear' => '', 'starttls' => 'tls', 'implicit' => 'ssl'][$a['tls']];
$mail->SMTPOptions = ['ssl' => ['cafile' => $a['certificateFile']]];
if ($a['mechanism']) {
    $mail->SMTPAuth = true;
    $mail->AuthType = $a['mechanism'];
    $mail->Username = $a['userName'];
    $mail->Password = $a['secret'];
}
if ($a['asksForDsn']) $mail->dsn = 'SUCCESS,FAILURE';
$mail->setFrom($a['sender']);
foreach ($a['recipients'] as $recipient) $mail->addAddress($recipient);
$mail->content = file_get_contents($a['file']);
try {
    $mail->send();
} catch (Exception $e) {
    echo $e->getMessage(), "\\n", json_encode($mail->getSMTPInstance()->getError()), "\\n";
    exit(1);
}
`

export const phpmailer: ClientPeer = {
  name: 'PHPMailer',
  origin: { debian: ['php-cli', 'libphp-phpmailer'] },
  gaps: gapsIn(`${LIBRARY}/src/SMTP.php`, {
    SCRAM: /SCRAM/i,
    '8BITMIME': /BODY=8BIT/i,
    SMTPUTF8: /SMTPUTF8/i,
    CHUNKING: /BDAT|CHUNKING/i,
  }),
  async open(unpacked, access) {
    const script = join(access.folder, 'submit.php')
    const file = join(access.folder, 'phpmailer.eml')
    const given = join(access.folder, 'phpmailer.json')
    writeFileSync(script, SCRIPT)
    return {
      async submit({ mode, content, ...submission }) {
        writeFileSync(file, content)
        const secret = access.secretOf(mode)
        const { certificateFile } = access
        const port = access.portOf(mode)
        const userName = access.userNameOf(mode)
        writeFileSync(
          given,
          JSON.stringify({
            ...modes[mode],
            ...submission,
            certificateFile,
            port,
            userName,
            file,
            secret,
          }),
        )
        // Debian's setup would load it.
        const [ctype = ''] = globSync(unpacked.path('usr/lib/php/*/ctype.so'))
        const [php = ''] = globSync(unpacked.path('usr/bin/php[0-9]*'))
        const args = ['-d', `extension=${ctype}`, script, unpacked.path(LIBRARY), given]
        const { environment } = unpacked
        const { code, stdout, stderr } = await runProgram(php, args, { environment })
        return { isGood: code === 0, log: `${stdout}${stderr}` }
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}
