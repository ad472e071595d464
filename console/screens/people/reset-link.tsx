/** The link with which somebody sets a password. */
import { rest } from '../../api/rest.ts';
import { SecretOnce } from '../../parts/secret.tsx';

interface Made {
  /** To hand over. Null: it was mailed. */
  link: string | null;
}

interface Reset {
  reset_token: string | null;
  mailed?: boolean;
}

/** Makes a link. Earlier ones end with it. */
export async function makeLink(userId: number): Promise<Made> {
  const { reset_token, mailed } = await rest<Reset>(`POST /user/${userId}/password-reset`, {});
  const link = `${location.origin}/console/password#${reset_token}`;
  return { link: mailed || !reset_token ? null : link };
}

interface LinkProps {
  link: string;
  /** How long it works. */
  lasts: string;
  onDone(): void;
}

export const Link = ({ link, lasts, onDone }: LinkProps) => (
  <SecretOnce label="Link" secret={link} onDone={onDone}>
    <p>
      Give them this link. With it they set their password and can sign in. It works once, for{' '}
      {lasts}.
    </p>
  </SecretOnce>
);
