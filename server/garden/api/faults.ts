// How the garden's admission words what it refuses: one 403 for the request, with what several rules found.
import { createForbidden, fieldErrorMessage, StatusError, type FieldError } from '../../apiserver/errors.ts';
import type { AdmissionRequest, ApiObject } from '../../apiserver/types.ts';

type Subject<T extends ApiObject> = Pick<AdmissionRequest<T>, 'kind' | 'name'>;

export const refuse = <T extends ApiObject>({ kind, name }: Subject<T>, message: string): StatusError =>
  createForbidden(kind, name, message);

/** Several field errors in one 403; one alone is not bracketed. Equal ones are told once. */
export function refuseFields<T extends ApiObject>(subject: Subject<T>, errors: readonly FieldError[]): StatusError {
  const messages = [...new Set(errors.map(fieldErrorMessage))];
  return refuse(subject, messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`);
}

/** A counted list, as the Go library multierror prints it. */
export function countedList(messages: readonly string[]): string {
  const heading = messages.length === 1 ? '1 error occurred:' : `${messages.length} errors occurred:`;
  return `${heading}\n${messages.map((message) => `\t* ${message}\n`).join('')}\n`;
}

/** An error without a reason of its own: the server answers 500 with the bare message. */
export const createPlainError = (message: string): StatusError => new StatusError(500, '', message);
