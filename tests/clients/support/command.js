// Programs, run as a build runs them.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs `program` in `folder` and answers with its exit status and all that it wrote. */
export function run(folder, program, ...args) {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: folder }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ status: error?.code ?? 0, output: stdout + stderr });
    });
  });
}

/** Runs a command-line tool of the packages. */
export function runTool(folder, tool, ...args) {
  return run(folder, fileURLToPath(new URL(`../node_modules/.bin/${tool}`, import.meta.url)), ...args);
}
