// The command-line tools of the packages, run as a build runs them.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs `tool` in `folder` (a URL) and answers with its exit status and all that it wrote. */
export function command(folder, tool, ...args) {
  const program = fileURLToPath(new URL(`../node_modules/.bin/${tool}`, import.meta.url));
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: fileURLToPath(folder) }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ status: error?.code ?? 0, output: stdout + stderr });
    });
  });
}
