// What one can choose: how it looks, and what programs and pastes may do. It holds at once, and is kept in this browser.
import { useId } from 'preact/hooks';
import { Dialog } from '../components/dialog.tsx';
import {
  clipboardChoices,
  cursorStyles,
  maxFontSizePx,
  minFontSizePx,
  type Settings,
  type SettingsStore,
  themeChoices,
} from '../model/settings.ts';
import { defaultFontSizePx } from '../terminal/xterm.ts';

const themeWords: Record<Settings['theme'], string> = {
  system: 'As the system',
  light: 'Light',
  dark: 'Dark',
  contrast: 'High contrast',
};
const cursorWords: Record<Settings['cursorStyle'], string> = { bar: 'Bar', block: 'Block', underline: 'Underline' };
const clipboardWords: Record<Settings['clipboard'], string> = {
  ask: 'Ask me',
  allow: 'Allow it',
  refuse: 'Refuse it',
};

export function SettingsDialog({ settings, onClose }: { settings: SettingsStore; onClose: () => void }) {
  const { theme, fontSizePx, cursorStyle, clipboard, ...switches } = settings.current.value;
  return (
    <Dialog title="Settings" onClose={onClose}>
      {(close) => (
        <>
          <div class="settings">
            <Choice
              label="Colours"
              value={theme}
              choices={themeChoices}
              words={themeWords}
              onChoose={(chosen) => settings.change({ theme: chosen })}
            />
            <FontSize
              value={fontSizePx ?? defaultFontSizePx}
              onChange={(chosen) => settings.change({ fontSizePx: chosen })}
            />
            <Choice
              label="Cursor"
              value={cursorStyle}
              choices={cursorStyles}
              words={cursorWords}
              onChoose={(chosen) => settings.change({ cursorStyle: chosen })}
            />
            <Choice
              label="Programs that set the clipboard"
              value={clipboard}
              choices={clipboardChoices}
              words={clipboardWords}
              onChoose={(chosen) => settings.change({ clipboard: chosen })}
            />
            <Switch
              label="Blinking cursor"
              isOn={switches.isCursorBlinking}
              onChange={(isCursorBlinking) => settings.change({ isCursorBlinking })}
            />
            <Switch
              label="Ask before a paste of several lines runs them"
              isOn={switches.isPasteChecked}
              onChange={(isPasteChecked) => settings.change({ isPasteChecked })}
            />
            <Switch
              label="Ctrl K at a prompt opens the commands"
              isOn={switches.isPaletteOnCtrlK}
              onChange={(isPaletteOnCtrlK) => settings.change({ isPaletteOnCtrlK })}
            />
            <Switch
              label="Screen reader mode"
              isOn={switches.isScreenReaderMode}
              onChange={(isScreenReaderMode) => settings.change({ isScreenReaderMode })}
            />
          </div>
          <div class="actions">
            <button class="button primary" autofocus onClick={close}>
              Close
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  choices: readonly T[];
  words: Record<T, string>;
  onChoose: (chosen: T) => void;
}

function Choice<T extends string>({ label, value, choices, words, onChoose }: ChoiceProps<T>) {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <select
        id={id}
        class="field"
        onChange={(event) => {
          const chosen = choices.find((choice) => choice === event.currentTarget.value);
          if (chosen) onChoose(chosen);
        }}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={choice === value}>
            {words[choice]}
          </option>
        ))}
      </select>
    </>
  );
}

function FontSize({ value, onChange }: { value: number; onChange: (px: number) => void }) {
  const id = useId();
  return (
    <>
      <label for={id}>Size of the text</label>
      <input
        id={id}
        class="field"
        type="number"
        min={minFontSizePx}
        max={maxFontSizePx}
        value={value}
        onInput={(event) => {
          const px = event.currentTarget.valueAsNumber;
          if (px >= minFontSizePx && px <= maxFontSizePx) onChange(Math.round(px));
        }}
      />
    </>
  );
}

function Switch({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  const id = useId();
  return (
    <>
      <label for={id}>{label}</label>
      <input id={id} type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} />
    </>
  );
}
