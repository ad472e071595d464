/** Whether everybody in the company needs a second factor. */
import { useState } from 'preact/hooks';
import { type OwnCompany, updateCompany } from '../../api/own-company.ts';
import { Act } from '../../parts/act.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { useNotice } from '../../parts/notices.tsx';
import { Section } from '../../parts/page.tsx';

interface RequireFactorProps {
  company: OwnCompany;
  /** Whether whoever looks at it has a second factor. */
  hasOwn: boolean;
  onChange(): void;
}

function Require({ onChange, onClose }: { onChange(): void; onClose(): void }) {
  const say = useNotice();
  const require = async () => {
    await updateCompany({ requireSecondFactor: true });
    say('Your company requires a second factor now.');
    onChange();
  };
  return (
    <Confirm
      title="Require a second factor?"
      action="Require a second factor"
      onConfirm={require}
      onClose={onClose}
    >
      <ul class="consequences">
        <li>Who has none sets one up at the next sign-in, before anything else.</li>
        <li>Sessions that were opened without one end at once. Yours may be one of them.</li>
        <li>API keys can no longer open sessions of your people.</li>
      </ul>
      <p>Customers and your programs go on as before.</p>
    </Confirm>
  );
}

export function RequireFactor({ company, hasOwn, onChange }: RequireFactorProps) {
  const [isAsked, ask] = useState(false);
  const isOn = company.requireSecondFactor;
  const stop = async () => {
    await updateCompany({ requireSecondFactor: false });
    onChange();
    return 'A second factor is no longer required.';
  };
  return (
    <Section
      title="Signing in"
      about={
        'With a second factor, a password alone signs nobody in. It takes a code as well, or a ' +
        'passkey.'
      }
    >
      <div class="factor">
        <p>
          <strong>Second factor</strong>{' '}
          <Badge tone={isOn ? 'good' : 'plain'}>{isOn ? 'Required' : 'Up to each person'}</Badge>
          {!isOn && !hasOwn && (
            <small>
              It can be required once somebody of level 1 has one, so that you cannot lock
              yourselves out. <a href="/console/account">Set up yours</a> first.
            </small>
          )}
        </p>
        {isOn ? (
          <Act small warns onAct={stop} acting="Saving …">
            Stop requiring it
          </Act>
        ) : (
          <button type="button" class="small" onClick={() => ask(true)}>
            Require a second factor
          </button>
        )}
      </div>
      {isAsked && <Require onChange={onChange} onClose={() => ask(false)} />}
    </Section>
  );
}
