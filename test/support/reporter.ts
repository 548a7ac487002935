// A mocha reporter: the spec output, skips with their reason, and a last line `N passed, N failed, N skipped`.
import Mocha from 'mocha';

export default class PlaygroundReporter extends Mocha.reporters.Spec {
  override done(failures: number, callback: (failures: number) => void): void {
    const { passes = 0, failures: failed = 0, pending = 0 } = this.stats ?? {};
    console.log(`${passes} passed, ${failed} failed, ${pending} skipped`);
    callback(failures);
  }
}
