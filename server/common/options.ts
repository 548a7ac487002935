// Options of a process as a table: environment variable, flag, default, check and one sentence each; all faults are told at once.

export interface Option<T> {
  env: string;
  /** `--flag value` or `--flag=value`; secrets have none, since arguments are seen by every process of the machine. */
  flag?: string;
  /** What holds when nothing is given, as one would write it. */
  default?: string;
  isRequired: boolean;
  isSecret: boolean;
  /** Throws an Error whose message completes "NAME must be …". */
  parse(text: string): T;
  /** What holds when neither a value nor a default is there; only optional ones come to that. */
  absent?: T;
  sentence: string;
}

export type OptionTable = Record<string, Option<unknown>>;
export type OptionsOf<Table> = { [Key in keyof Table]: Table[Key] extends Option<infer T> ? T : never };
type Parse<T> = (text: string) => T;

const flagOf = (env: string) => `--${env.toLowerCase().replaceAll('_', '-')}`;

export const requiredOption = <T>(env: string, parse: Parse<T>, sentence: string): Option<T> => ({
  env,
  flag: flagOf(env),
  parse,
  sentence,
  isRequired: true,
  isSecret: false,
});

export const defaultedOption = <T>(env: string, defaultText: string, parse: Parse<T>, sentence: string): Option<T> => ({
  ...requiredOption(env, parse, sentence),
  isRequired: false,
  default: defaultText,
});

export const optionalOption = <T>(env: string, parse: Parse<T>, sentence: string): Option<T | undefined> => ({
  ...requiredOption<T | undefined>(env, parse, sentence),
  isRequired: false,
});

export const secretOption = <T>(env: string, parse: Parse<T>, sentence: string): Option<T | undefined> => ({
  ...optionalOption(env, parse, sentence),
  flag: undefined,
  isSecret: true,
});

/** Every fault of an environment and a command line, a sentence each. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

function readFlags(table: OptionTable, argv: readonly string[], faults: string[]): Map<string, string> {
  const known = new Set(Object.values(table).flatMap((option) => option.flag ?? []));
  const values = new Map<string, string>();
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? '';
    const equals = argument.indexOf('=');
    const flag = equals < 0 ? argument : argument.slice(0, equals);
    if (!known.has(flag)) {
      faults.push(`${flag} is no option of this program. --help lists them.`);
      if (equals < 0 && argv[index + 1]?.startsWith('--') === false) index++;
      continue;
    }
    const value = equals < 0 ? argv[++index] : argument.slice(equals + 1);
    if (value === undefined) faults.push(`${flag} needs a value.`);
    else values.set(flag, value);
  }
  return values;
}

function readOne(option: Option<unknown>, given: string | undefined, faults: string[]): unknown {
  const text = given ?? option.default;
  if (text === undefined) {
    if (option.isRequired) faults.push(`${option.env} is missing: ${option.sentence}`);
    return option.absent;
  }
  try {
    return option.parse(text);
  } catch (fault) {
    const shown = option.isSecret ? 'what is given' : JSON.stringify(text);
    faults.push(`${option.env} must be ${fault instanceof Error ? fault.message : String(fault)}, not ${shown}.`);
    return undefined;
  }
}

/**
 * The values of `table`: a flag wins over the environment, that over the default; an empty variable counts as not given.
 * `check` sees all values when each is right by itself, and returns a sentence for every two that contradict each other.
 * Throws OptionsError with all faults at once.
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  env: Readonly<Record<string, string | undefined>>,
  argv: readonly string[],
  check: (options: OptionsOf<Table>) => string[] = () => [],
): OptionsOf<Table> {
  const faults: string[] = [];
  const flags = readFlags(table, argv, faults);
  const options: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table)) {
    const given = (option.flag && flags.get(option.flag)) ?? env[option.env];
    options[key] = readOne(option, given === '' ? undefined : given, faults);
  }
  const values = options as OptionsOf<Table>;
  if (!faults.length) faults.push(...check(values));
  if (faults.length) throw new OptionsError(faults);
  return values;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

const defaultOf = (option: Option<unknown>) => {
  if (option.default) return `\`${option.default}\``;
  return option.isRequired ? 'required' : '';
};

/** The table as Markdown, one row an option. */
export function renderOptions(table: OptionTable): string {
  const rows = Object.values(table).map((option) => {
    const flag = option.flag ? `\`${option.flag}\`` : '';
    return `| \`${option.env}\` | ${flag} | ${cell(defaultOf(option))} | ${cell(option.sentence)} |`;
  });
  return ['| Variable | Flag | Default | What it does |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

/** The table for a terminal: `--help`. */
export function renderHelp(name: string, table: OptionTable): string {
  const lines = Object.values(table).flatMap((option) => [
    `  ${[option.flag, option.env].filter(Boolean).join(', ')}${option.default === undefined ? '' : ` (default ${option.default})`}`,
    `      ${option.sentence}`,
  ]);
  return [`Usage: ${name} [options]`, '', ...lines, ''].join('\n');
}
