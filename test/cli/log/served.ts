/** A folder of plain files behind a web server. */
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

export function servedFolder(folder: string): RequestListener {
  return (request, response) => {
    try {
      response.end(readFileSync(join(folder, new URL(request.url ?? '/', 'http://x').pathname)));
    } catch {
      response.writeHead(404).end();
    }
  };
}
