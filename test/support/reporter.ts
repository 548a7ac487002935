// A mocha reporter: the spec output, skips with their reason, and a last line `N passed, N failed, N skipped`.
import Mocha from 'mocha';

export default class PlaygroundReporter extends Mocha.reporters.Spec {
  #skipped: string[] = [];

  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.on('pending', (test) => this.#skipped.push(test.fullTitle()));
  }

  override done(failures: number, callback: (failures: number) => void): void {
    const { passes = 0, failures: failed = 0, pending = 0 } = this.stats ?? {};
    for (const title of this.#skipped) console.log(`skipped: ${title}`);
    console.log(`${passes} passed, ${failed} failed, ${pending} skipped`);
    callback(failures);
  }
}
